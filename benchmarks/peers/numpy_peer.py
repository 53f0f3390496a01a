"""NumPy by hand, at its best: float32 throughout, results written into arrays made once, as few passes as NumPy allows. Threads are
OpenBLAS's of NumPy's wheel, taken from the environment before it is imported; everything but the products runs on one."""
import os

import protocol

given = protocol.flags(models=["mnist_mlp"])
os.environ["OPENBLAS_NUM_THREADS"] = str(given.threads)

import numpy as np  # noqa: E402  the threads come first

random = np.random.default_rng(0)
rate = np.float32(given.learning_rate)
pairs = list(zip(given.widths, given.widths[1:]))


def views(flat):
    """Kernels (in, out) and biases (out) inside one flat array, so that an update is one pass over all of them."""
    kernels, biases, at = [], [], 0
    for inputs, outputs in pairs:
        kernels.append(flat[at:at + inputs * outputs].reshape(inputs, outputs))
        at += inputs * outputs
        biases.append(flat[at:at + outputs])
        at += outputs
    return kernels, biases


size = sum((inputs + 1) * outputs for inputs, outputs in pairs)
weights, gradients, means, squares, scratch, divisor = (np.zeros(size, np.float32) for _ in range(6))
kernels, biases = views(weights)
kernel_gradients, bias_gradients = views(gradients)
for kernel in kernels:
    kernel[:] = random.uniform(-1, 1, kernel.shape) * np.sqrt(6 / sum(kernel.shape))
outputs = [np.empty((given.batch, n), np.float32) for n in given.widths]  # [0]: the batch itself
deltas = [np.empty_like(output) for output in outputs]
iterations = 0


def update():
    global iterations
    iterations += 1
    if given.optimizer == "sgd":
        np.multiply(gradients, rate, out=scratch)
        np.subtract(weights, scratch, out=weights)
        return
    scale = rate
    moments = [(squares, np.float32(0.1))]
    if given.optimizer == "adam":
        moments = [(squares, np.float32(0.001)), (means, np.float32(0.1))]
        scale = rate * np.float32(np.sqrt(1 - 0.999**iterations) / (1 - 0.9**iterations))
    for moment, share in moments:  # moment += share * (target - moment)
        np.multiply(gradients, gradients, out=scratch) if moment is squares else np.copyto(scratch, gradients)
        np.subtract(scratch, moment, out=scratch)
        np.multiply(scratch, share, out=scratch)
        np.add(moment, scratch, out=moment)
    if given.optimizer == "adam":
        np.sqrt(squares, out=divisor)
        np.add(divisor, np.float32(1e-7), out=divisor)
    else:
        np.add(squares, np.float32(1e-7), out=divisor)
        np.sqrt(divisor, out=divisor)
    np.divide(means if given.optimizer == "adam" else gradients, divisor, out=scratch)
    np.multiply(scratch, scale, out=scratch)
    np.subtract(weights, scratch, out=weights)


def step(rows):
    np.take(x, rows, axis=0, out=outputs[0], mode="clip")  # "clip": the other modes copy through a buffer
    labels = y[rows]
    for layer, (kernel, bias) in enumerate(zip(kernels, biases)):
        output = outputs[layer + 1]
        np.matmul(outputs[layer], kernel, out=output)
        np.add(output, bias, out=output)
        if layer < 2:
            np.maximum(output, 0, out=output)
    logits, delta = outputs[3], deltas[3]
    np.subtract(logits, logits.max(axis=1, keepdims=True), out=logits)
    np.exp(logits, out=delta)
    sums = delta.sum(axis=1, keepdims=True)
    samples = np.arange(given.batch)
    loss = np.mean(np.log(sums[:, 0]) - logits[samples, labels])
    np.divide(delta, sums, out=delta)
    delta[samples, labels] -= 1
    np.multiply(delta, np.float32(1 / given.batch), out=delta)
    for layer in (2, 1, 0):
        np.matmul(outputs[layer].T, deltas[layer + 1], out=kernel_gradients[layer])
        np.sum(deltas[layer + 1], axis=0, out=bias_gradients[layer])
        if layer > 0:
            np.matmul(deltas[layer + 1], kernels[layer].T, out=deltas[layer])
            np.multiply(deltas[layer], outputs[layer] > 0, out=deltas[layer])
    update()
    return loss


def train(steps):
    epoch = len(x) // given.batch
    for i in range(steps):
        if i % epoch == 0:
            order = random.permutation(len(x))
        at = i % epoch * given.batch
        loss = step(order[at:at + given.batch])
    return loss


x, y = protocol.load(given)
protocol.serve(given, train)
