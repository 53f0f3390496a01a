"""What the Python peers share: flags, real data in memory, and the line protocol of README.md. It imports nothing but NumPy and no peer."""
import argparse
import sys
import time

WIDTHS = {"mnist_mlp": (784, 300, 100, 10), "lenet5": (400, 120, 84, 10)}  # of the dense layers
LEARNING_RATES = {"sgd": 0.01, "rmsprop": 0.001, "adam": 0.001}  # Keras's defaults, as rho 0.9, betas 0.9 and 0.999, epsilon 1e-7


def flags(models=tuple(WIDTHS)):
    """Model (one of those the peer has), batch, optimizer, threads, data folder; read before anything heavy is imported, for some peers take threads from the environment."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=WIDTHS, default="mnist_mlp")
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--optimizer", choices=LEARNING_RATES, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--data", required=True, help="the folder with images.npy (n, 784) and labels.npy (n,), uint8")
    parser.add_argument("--first", action="store_true", help="train one step on the first batch, say so, and end")
    given = parser.parse_args()
    if given.model not in models:
        sys.exit(f"--model: expected {' or '.join(models)}, got {given.model}")
    given.widths = WIDTHS[given.model]
    given.learning_rate = LEARNING_RATES[given.optimizer]
    return given


def load(given, label_type="int64"):
    """Images as float32 in [0, 1], (n, 784) or for LeNet-5 (n, 28, 28, 1), and labels (n,): all of them, or a batch where only the first step is asked for."""
    import numpy as np
    count = given.batch if given.first else None
    pixels, labels = (np.load(f"{given.data}/{name}.npy", mmap_mode="r")[:count] for name in ("images", "labels"))
    images = pixels.astype(np.float32)
    images /= np.float32(255)  # in place: the peak of memory is to be the peer's own
    if given.model == "lenet5":
        images = images.reshape(-1, 28, 28, 1)
    return images, labels.astype(label_type)


def serve(given, train):
    """train(steps) trains as many steps on shuffled samples and returns the last loss, or (loss, seconds) where it measures by itself."""
    if given.first:
        print(f"first loss {float(train(1)):.4f}", flush=True)
        return
    print("ready", flush=True)
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "quit":
            return
        if command != "run" or len(arguments) != 1:
            sys.exit(f"expected 'run STEPS' or 'quit', got {line!r}")
        started = time.perf_counter()
        loss = train(int(arguments[0]))
        seconds = time.perf_counter() - started
        if isinstance(loss, tuple):
            loss, seconds = loss
        print(f"seconds {seconds:.6f} loss {float(loss):.4f}", flush=True)
