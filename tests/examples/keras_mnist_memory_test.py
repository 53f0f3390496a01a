#!/usr/bin/env python3
"""The peak memory of keras_mnist on data of MNIST's size. keras_mnist_memory_test.py <program> <source folder>

The data set lies in KERATIN_DATA_DIR, or in ../shared/data beside the sources; without it the program draws as many digits.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

PROGRAM, SOURCES = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
DATA = pathlib.Path(os.environ.get("KERATIN_DATA_DIR") or SOURCES.parent / "shared" / "data") / "mnist"
# The images are 55 MB as bytes, 220 as floats; labels, model and program took 18 when this was written.
LIMIT_MB = 120
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes of ru_maxrss


def peak_mb(flags):
    with tempfile.TemporaryDirectory(prefix="keras_mnist_") as folder:
        process = subprocess.Popen([PROGRAM, *flags, "--epochs", "1", "--verbose", "0"], cwd=folder, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"keras_mnist {' '.join(flags)}: expected exit status 0, got {process.returncode}")
        return usage.ru_maxrss * UNIT / 1e6


def main():
    real = [["--data-folder", str(DATA)]] if DATA.is_dir() else []
    wrong = False
    for flags in [*real, ["--synthetic"]]:
        peak = peak_mb(flags)
        print(f"keras_mnist {' '.join(flags)}: {peak:.1f} MB at its peak, at most {LIMIT_MB} expected", flush=True)
        wrong = wrong or peak > LIMIT_MB
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
