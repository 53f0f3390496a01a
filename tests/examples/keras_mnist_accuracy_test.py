#!/usr/bin/env python3
"""What keras_mnist learns from the real data sets. keras_mnist_accuracy_test.py <program> <source folder>

The data sets lie in KERATIN_DATA_DIR, or in ../shared/data beside the sources; without them the test is skipped aloud (exit 77), with
CI=true it fails.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PROGRAM, SOURCES = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
DATA = pathlib.Path(os.environ.get("KERATIN_DATA_DIR") or SOURCES.parent / "shared" / "data")
# data set, flags, the least accuracy, how often: of runs with the same flags the models are compared
RUNS = [("mnist", ["--seed", str(seed)], 0.978, 2 if seed == 0 else 1) for seed in range(5)]
RUNS += [("mnist", ["--model", "lenet5", "--epochs", "5", "--seed", str(seed)], 0.985, 1) for seed in range(3)]
RUNS += [("fashion-mnist", ["--epochs", "10"], 0.86, 1)]


def run(data, flags, least, times):
    """What is wrong with these runs, or nothing."""
    models = []
    for _ in range(times):
        with tempfile.TemporaryDirectory(prefix="keras_mnist_") as folder:
            done = subprocess.run([PROGRAM, "--data-folder", str(DATA / data), "--verbose", "0", *flags], cwd=folder, capture_output=True, text=True)
            accuracy = float((re.search(r"Test accuracy: (\S+)", done.stdout) or ["", "0"])[1])
            print(data, *flags, accuracy, done.stderr, flush=True)
            if done.returncode != 0 or accuracy < least:
                return f"{data} {flags}: expected an accuracy of at least {least}, got {accuracy}"
            model = pathlib.Path(folder) / "outputs" / "model"
            models.append({path.relative_to(model): path.read_bytes() for path in model.rglob("*") if path.is_file()})
    return None if all(model == models[0] for model in models) else f"{data} {flags}: expected the same files twice"


def main():
    missing = [str(DATA / name) for name in ("mnist", "fashion-mnist") if not (DATA / name).is_dir()]
    if missing:
        print("skipped: missing", *missing)
        return 1 if os.environ.get("CI") == "true" else 77
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [fault for fault in pool.map(lambda arguments: run(*arguments), RUNS) if fault]
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
