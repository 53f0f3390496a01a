"""JAX at its best on a CPU: one jitted lax.scan over the steps of an epoch, samples gathered inside it, the state donated.

Of the dense network a scan was 1 to 15 % faster than a jitted call for every step, whether that gathered inside or was handed NumPy
rows; within a scan a convolution took more than three times as long, so LeNet-5 has a jitted call for every step. Its convolutions are
lax.conv_general_dilated, NHWC; columns of windows with a product took three quarters of their time. Maxima over an axis of windows
that are side by side gained a tenth over reduce_window. The optimizers are
written out as optax writes them. One thread: xla_cpu_multi_thread_eigen=false; more: XLA takes as many as the process has cores, and
the driver gives it as many cores as threads. Other flags (fast math, vector width 512, oneDNN) changed nothing.
"""
import os

import protocol

given = protocol.flags()
os.environ["JAX_PLATFORMS"] = "cpu"
if given.threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import functools  # noqa: E402  the flags come first
import math  # noqa: E402

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

rate = given.learning_rate
each = jax.tree.map


FILTERS = [(5, 5, 1, 6), (5, 5, 6, 16)] if given.model == "lenet5" else []


def initial_weights():
    """Kernels of convolutions (height, width, in, out), then of dense layers (in, out), each with its bias."""
    shapes = FILTERS + list(zip(given.widths, given.widths[1:]))
    weights = []
    for key, shape in zip(jax.random.split(jax.random.key(0), len(shapes)), shapes):
        limit = (6 / (math.prod(shape[:-2]) * (shape[-2] + shape[-1]))) ** 0.5
        weights.append((jax.random.uniform(key, shape, minval=-limit, maxval=limit), jnp.zeros(shape[-1])))
    return weights


def convolved(x, kernel, bias, padding):
    """Convolution, relu, maxima of 2 x 2."""
    x = jax.lax.conv_general_dilated(x, kernel, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))
    samples, height, width, filters = x.shape
    return jax.nn.relu(x + bias).reshape(samples, height // 2, 2, width // 2, 2, filters).max((2, 4))


def loss_of(weights, x, y):
    if FILTERS:
        for (kernel, bias), padding in zip(weights, ("SAME", "VALID")):
            x = convolved(x, kernel, bias, padding)
        x, weights = x.reshape(len(x), -1), weights[len(FILTERS):]
    for kernel, bias in weights[:-1]:
        x = jax.nn.relu(x @ kernel + bias)
    kernel, bias = weights[-1]
    logits = x @ kernel + bias
    return jnp.mean(jax.nn.logsumexp(logits, axis=1) - jnp.take_along_axis(logits, y[:, None], 1)[:, 0])


def sgd(weights, slots, gradients):
    return each(lambda w, g: w - rate * g, weights, gradients), slots


def rmsprop(weights, slots, gradients):
    slots = each(lambda v, g: 0.9 * v + 0.1 * g * g, slots, gradients)
    return each(lambda w, g, v: w - rate * g * jax.lax.rsqrt(v + 1e-7), weights, gradients, slots), slots


def adam(weights, slots, gradients):
    step, means, squares = slots
    step += 1
    means = each(lambda m, g: m + 0.1 * (g - m), means, gradients)
    squares = each(lambda v, g: v + 0.001 * (g * g - v), squares, gradients)
    scale = rate * jnp.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    return each(lambda w, m, v: w - scale * m / (jnp.sqrt(v) + 1e-7), weights, means, squares), (step, means, squares)


update = {"sgd": sgd, "rmsprop": rmsprop, "adam": adam}[given.optimizer]


@functools.partial(jax.jit, donate_argnums=0)
def step(state, x, y, rows):
    loss, gradients = jax.value_and_grad(loss_of)(state[0], x[rows], y[rows])
    return update(*state, gradients), loss


@functools.partial(jax.jit, donate_argnums=0)
def scan(state, x, y, batches):
    state, losses = jax.lax.scan(lambda state, rows: step(state, x, y, rows), state, batches)
    return state, losses[-1]


def run(state, x, y, batches):
    """batches (steps, batch): the rows of each step."""
    if not FILTERS:
        return scan(state, x, y, batches)
    for rows in batches:
        state, loss = step(state, x, y, rows)
    return state, loss


def zeros(weights):
    return each(jnp.zeros_like, weights)


weights = initial_weights()
slots = {"sgd": (), "rmsprop": zeros(weights), "adam": (jnp.float32(0), zeros(weights), zeros(weights))}[given.optimizer]
state = (weights, slots)
x, y = (jnp.asarray(values) for values in protocol.load(given, "int32"))
random = np.random.default_rng(0)


def train(steps):
    global state
    epoch = len(x) // given.batch
    while steps > 0:
        now = min(steps, epoch)
        state, loss = run(state, x, y, random.permutation(len(x))[:now * given.batch].reshape(now, given.batch).astype(np.int32))
        steps -= now
    return loss.block_until_ready()


protocol.serve(given, train)
