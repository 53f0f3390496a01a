"""The tutorial's network on MNIST for 200 steps, by Keras's own train_on_batch."""

import gzip
import math
import pathlib
from collections.abc import Sequence

import keras
import numpy as np

from golden_file import Golden
from integer_generator import IntegerGenerator

STEPS = 200
BATCH = 50
LAYERS = (784, 300, 100, 10)

# np.float64: of a Python float, Keras on TensorFlow would keep no more than float32 has (ops.cast in adam.py).
_OPTIMIZERS: dict[str, tuple[str, dict[str, np.float64]]] = {
    "sgd": ("SGD", {}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {"beta_1": np.float64(0.9), "beta_2": np.float64(0.999)}),
}


def run(optimizer: str, dtype: str, seeds: Sequence[int], mnist: pathlib.Path) -> Golden:
    """seed_<s>/losses: each step's, before its update; seed_<s>/kernel_<i> and bias_<i>: weights at the end."""
    keras.config.set_floatx(dtype)
    if keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_enable_x64", dtype == "float64")
    images, labels = _mnist(mnist)
    golden = Golden()
    for seed in seeds:
        order = IntegerGenerator(f"trajectory/seed_{seed}/order").permutation(len(images))[: STEPS * BATCH]
        x, y = images[order].astype(dtype) / np.asarray(255, dtype), np.eye(10, dtype=dtype)[labels[order]]
        golden.add(f"seed_{seed}", "", _train(_model(optimizer, seed), x, y))
        golden.put(
            **{f"pixels_{seed}": images[order].sum(dtype=np.int64), f"labels_{seed}": labels[order].sum(dtype=np.int64)}
        )
    return golden


def _model(optimizer: str, seed: int) -> keras.Model:
    *hidden, classes = LAYERS[1:]
    dense = [keras.layers.Dense(units, activation="relu") for units in hidden] + [keras.layers.Dense(classes)]
    model = keras.Sequential([keras.Input(LAYERS[:1]), *dense])
    name, arguments = _OPTIMIZERS[optimizer]
    model.compile(getattr(keras.optimizers, name)(**arguments), keras.losses.CategoricalCrossentropy(from_logits=True))
    for i, (layer, rows, columns) in enumerate(zip(dense, LAYERS, LAYERS[1:])):
        limit = math.sqrt(6.0 / (rows + columns))
        kernel = IntegerGenerator(f"trajectory/seed_{seed}/kernel_{i}").uniform(rows, columns) * limit
        layer.set_weights([kernel.astype(keras.config.floatx()), np.zeros(columns, keras.config.floatx())])
    return model


def _train(model: keras.Model, x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    starts = range(0, STEPS * BATCH, BATCH)
    losses = [model.train_on_batch(x[start : start + BATCH], y[start : start + BATCH]) for start in starts]
    names = [f"{weight}_{i}" for i in range(len(LAYERS) - 1) for weight in ("kernel", "bias")]
    return {"losses": np.array(losses, dtype=x.dtype)} | dict(zip(names, model.get_weights(), strict=True))


def _mnist(folder: pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """The 60,000 training images as rows of pixels, and their labels; uint8."""
    images = gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes())
    return np.frombuffer(images, np.uint8, offset=16).reshape(-1, LAYERS[0]), np.frombuffer(labels, np.uint8, offset=8)
