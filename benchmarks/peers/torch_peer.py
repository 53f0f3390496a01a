"""PyTorch 2 at its best on a CPU: eager, or with --compile through torch.compile.

Settings (pytorch.org, "Performance Tuning Guide"): set_num_threads, one inter-op thread, gradients set to None, denormals flushed,
the fused optimizer where there is one for the CPU (SGD, Adam) and foreach where not (RMSprop). Samples are gathered by one index
out of a float32 tensor in memory: a DataLoader would cost more than the step. Compiled: the network with its loss (and thereby the
gradients), and the optimizer's step where that gains; mode max-autotune and the C++ wrapper gained nothing. LeNet-5 compiled takes
images and filters as channels_last, which gained a quarter at batch 50; eager takes channels first, for channels_last gained nothing.
Inductor compiles in this process, so that no pool of compilers stands by.
"""
import argparse
import os
import sys

import protocol

mode = argparse.ArgumentParser(add_help=False)
mode.add_argument("--compile", action="store_true")
compiled, sys.argv[1:] = mode.parse_known_args()
compiled = compiled.compile
given = protocol.flags()
os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"

import torch  # noqa: E402  the flags come first

torch.set_num_threads(given.threads)
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)


def initialized(layer):
    torch.nn.init.xavier_uniform_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    return layer


def dense(inputs, outputs):
    return initialized(torch.nn.Linear(inputs, outputs))


def features():
    """LeNet-5's layers before the dense ones."""
    filters, relu, halves = torch.nn.Conv2d, torch.nn.ReLU(), torch.nn.MaxPool2d(2)
    return [initialized(filters(1, 6, 5, padding=2)), relu, halves, initialized(filters(6, 16, 5)), relu, halves, torch.nn.Flatten()]


a, b, c, d = given.widths
network = torch.nn.Sequential(*(features() if given.model == "lenet5" else []),
                              dense(a, b), torch.nn.ReLU(), dense(b, c), torch.nn.ReLU(), dense(c, d))
if given.optimizer == "sgd":
    optimizer = torch.optim.SGD(network.parameters(), given.learning_rate, fused=not compiled)
elif given.optimizer == "rmsprop":
    optimizer = torch.optim.RMSprop(network.parameters(), given.learning_rate, alpha=0.9, eps=1e-7, foreach=True)
else:
    optimizer = torch.optim.Adam(network.parameters(), given.learning_rate, eps=1e-7, fused=True)
x, y = (torch.from_numpy(values) for values in protocol.load(given))
if given.model == "lenet5":
    layout = torch.channels_last if compiled else torch.contiguous_format
    x = x.reshape(-1, 1, 28, 28).contiguous(memory_format=layout)
    network = network.to(memory_format=layout)


def loss_of(inputs, labels):
    return torch.nn.functional.cross_entropy(network(inputs), labels)


update = optimizer.step
if compiled:
    loss_of = torch.compile(loss_of)
    if given.optimizer != "adam":
        update = torch.compile(update)


def train(steps):
    epoch = len(x) // given.batch
    for step in range(steps):
        if step % epoch == 0:
            batches = torch.randperm(len(x)).split(given.batch)
        rows = batches[step % epoch]
        loss = loss_of(x[rows], y[rows])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        update()
    return loss.item()


protocol.serve(given, train)
