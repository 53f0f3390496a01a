"""Values and gradients of Keras on whichever backend it runs, and the inputs they are taken at."""

from collections.abc import Callable, Mapping

import keras
import numpy as np

from integer_generator import IntegerGenerator

Arrays = Mapping[str, np.ndarray]


def inputs(stream: str, *shape: int) -> np.ndarray:
    """uniform() of the stream, row r times 2^(r-1): from ±0.5 up, every number exact in float32 too. Float64."""
    powers = 2.0 ** (np.arange(shape[0]) - 1.0)
    return IntegerGenerator(stream).uniform(*shape) * powers.reshape(-1, *[1] * (len(shape) - 1))


def value_and_gradients(
    function: Callable, sources: Arrays, cotangent: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """output = function(**sources), and <source>_gradient of sum(output * cotangent) for each; no cotangent means 1."""
    differentiate = {"jax": _with_jax, "tensorflow": _with_tensorflow, "torch": _with_torch}[keras.backend.backend()]
    output, gradients = differentiate(function, sources, cotangent)
    return {"output": output} | {f"{name}_gradient": gradient for name, gradient in gradients.items()}


def _with_jax(
    function: Callable, sources: Arrays, cotangent: np.ndarray | None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    import jax

    output, pull_back = jax.vjp(lambda tensors: function(**tensors), dict(sources))
    (gradients,) = pull_back(jax.numpy.ones_like(output) if cotangent is None else jax.numpy.asarray(cotangent))
    return np.asarray(output), {name: np.asarray(gradient) for name, gradient in gradients.items()}


def _with_tensorflow(
    function: Callable, sources: Arrays, cotangent: np.ndarray | None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    import tensorflow as tf

    tensors = {name: tf.constant(source) for name, source in sources.items()}
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        output = function(**tensors)
    gradients = tape.gradient(output, tensors, output_gradients=cotangent, unconnected_gradients="zero")
    return output.numpy(), {name: tf.convert_to_tensor(gradient).numpy() for name, gradient in gradients.items()}


def _with_torch(
    function: Callable, sources: Arrays, cotangent: np.ndarray | None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    import torch

    tensors = {name: torch.tensor(source, requires_grad=True) for name, source in sources.items()}
    output = function(**tensors)
    output.backward(torch.ones_like(output) if cotangent is None else torch.tensor(cotangent))
    return output.detach().numpy(), {name: tensor.grad.numpy() for name, tensor in tensors.items()}
