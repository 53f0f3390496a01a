"""The tutorial's network, or LeNet-5, on MNIST for some steps, by Keras's own train_on_batch."""

import dataclasses
import gzip
import math
import pathlib
from collections.abc import Sequence

import keras
import numpy as np

from golden_file import Golden
from integer_generator import IntegerGenerator

BATCH = 50
PIXELS = 784


@dataclasses.dataclass(frozen=True)
class Network:
    steps: int
    stream: str  # what the names of its kernels' streams begin with
    image: tuple[int, ...]
    kernels: tuple[tuple[int, ...], ...]


NETWORKS = {
    "mnist": Network(200, "trajectory", (PIXELS,), ((PIXELS, 300), (300, 100), (100, 10))),
    "lenet5": Network(
        50, "trajectory/lenet5", (28, 28, 1), ((5, 5, 1, 6), (5, 5, 6, 16), (400, 120), (120, 84), (84, 10))
    ),
}

# np.float64: of a Python float, Keras on TensorFlow would keep no more than float32 has (ops.cast in adam.py).
_OPTIMIZERS: dict[str, tuple[str, dict[str, np.float64]]] = {
    "sgd": ("SGD", {}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {"beta_1": np.float64(0.9), "beta_2": np.float64(0.999)}),
}


def run(network: str, optimizer: str, dtype: str, seeds: Sequence[int], mnist: pathlib.Path) -> Golden:
    """seed_<s>/losses: each step's, before its update; seed_<s>/kernel_<i> and bias_<i>: weights at the end."""
    keras.config.set_floatx(dtype)
    if keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_enable_x64", dtype == "float64")
    images, labels = _mnist(mnist)
    samples = NETWORKS[network].steps * BATCH
    golden = Golden()
    for seed in seeds:
        order = IntegerGenerator(f"trajectory/seed_{seed}/order").permutation(len(images))[:samples]
        x, y = images[order].astype(dtype) / np.asarray(255, dtype), np.eye(10, dtype=dtype)[labels[order]]
        golden.add(f"seed_{seed}", "", _train(_model(network, optimizer, seed), x.reshape(-1, *NETWORKS[network].image), y))
        golden.put(
            **{f"pixels_{seed}": images[order].sum(dtype=np.int64), f"labels_{seed}": labels[order].sum(dtype=np.int64)}
        )
    return golden


def _model(network: str, optimizer: str, seed: int) -> keras.Model:
    made = NETWORKS[network]
    layers = _lenet5() if network == "lenet5" else _mlp([columns for _, columns in made.kernels])
    model = keras.Sequential([keras.Input(made.image), *layers])
    name, arguments = _OPTIMIZERS[optimizer]
    model.compile(getattr(keras.optimizers, name)(**arguments), keras.losses.CategoricalCrossentropy(from_logits=True))
    with_weights = [layer for layer in layers if layer.weights]
    for i, (layer, shape) in enumerate(zip(with_weights, made.kernels, strict=True)):
        limit = math.sqrt(6.0 / (math.prod(shape[:-2]) * (shape[-2] + shape[-1])))
        kernel = IntegerGenerator(f"{made.stream}/seed_{seed}/kernel_{i}").uniform(*shape) * limit
        layer.set_weights([kernel.astype(keras.config.floatx()), np.zeros(shape[-1], keras.config.floatx())])
    return model


def _mlp(units: Sequence[int]) -> list[keras.Layer]:
    return [keras.layers.Dense(n, activation="relu") for n in units[:-1]] + [keras.layers.Dense(units[-1])]


def _lenet5() -> list[keras.Layer]:
    return [
        keras.layers.Conv2D(6, 5, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(16, 5, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        *_mlp([120, 84, 10]),
    ]


def _train(model: keras.Model, x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    losses = [model.train_on_batch(x[at : at + BATCH], y[at : at + BATCH]) for at in range(0, len(x), BATCH)]
    weights = model.get_weights()
    names = [f"{weight}_{i}" for i in range(len(weights) // 2) for weight in ("kernel", "bias")]
    return {"losses": np.array(losses, dtype=x.dtype)} | dict(zip(names, weights, strict=True))


def _mnist(folder: pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """The 60,000 training images as rows of pixels, and their labels; uint8."""
    images = gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes())
    return np.frombuffer(images, np.uint8, offset=16).reshape(-1, PIXELS), np.frombuffer(labels, np.uint8, offset=8)
