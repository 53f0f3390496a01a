"""Keras 3 at its best on a CPU: --backend tensorflow or torch, model.fit on float32 arrays in memory, shuffled by fit.

jit_compile=True on both (XLA; torch.compile) for the dense network: with TensorFlow it gains up to a quarter with RMSprop and Adam and
loses nothing with SGD, with PyTorch it gains a third. Not for LeNet-5: a step took three times as long with TensorFlow, half as long
again with PyTorch. Images are channels_last; channels_first was no faster with PyTorch. TensorFlow runs 100 steps an execution (600
gained nothing more), with as many intra-op and inter-op threads as there are cores for it; PyTorch allows only 1 step. A tf.data
pipeline in place of the arrays was no faster. What fit does before an epoch begins is not counted: on_epoch_begin to on_epoch_end.
"""
import argparse
import os
import sys
import time

import protocol

mode = argparse.ArgumentParser(add_help=False)
mode.add_argument("--backend", choices=["tensorflow", "torch"], required=True)
backend, sys.argv[1:] = mode.parse_known_args()
backend = backend.backend
given = protocol.flags()
os.environ["KERAS_BACKEND"] = backend
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"

if backend == "tensorflow":
    import tensorflow
    tensorflow.config.threading.set_intra_op_parallelism_threads(given.threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(given.threads)
else:
    import torch
    torch.set_num_threads(given.threads)
    torch.set_num_interop_threads(1)
    torch.set_flush_denormal(True)
import keras  # noqa: E402  the backend comes first

layers = keras.layers
x, y = protocol.load(given)
model = keras.Sequential([keras.Input(x.shape[1:])])
if given.model == "lenet5":
    for layer in (layers.Conv2D(6, 5, padding="same", activation="relu"), layers.MaxPooling2D(2),
                  layers.Conv2D(16, 5, activation="relu"), layers.MaxPooling2D(2), layers.Flatten()):
        model.add(layer)
for neurons in given.widths[1:-1]:
    model.add(layers.Dense(neurons, activation="relu"))
model.add(layers.Dense(given.widths[-1]))
steps_per_execution = 100 if backend == "tensorflow" and not given.first else 1
model.compile(given.optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=given.model == "mnist_mlp",
              steps_per_execution=steps_per_execution)


class Clock(keras.callbacks.Callback):
    """The seconds of the epochs, without what fit prepares."""
    seconds = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds += time.perf_counter() - self.started


def train(steps):
    clock = Clock()
    epoch = len(x) // given.batch
    while steps > 0:
        count = min(steps, epoch) * given.batch
        history = model.fit(x[:count], y[:count], batch_size=given.batch, epochs=1, verbose=0, callbacks=[clock])
        steps -= epoch
    return history.history["loss"][-1], clock.seconds


protocol.serve(given, (lambda steps: model.train_on_batch(x, y)) if given.first else train)
