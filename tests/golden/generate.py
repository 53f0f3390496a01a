"""Makes the golden values of Keratin's tests with a pinned Keras: python tests/golden/generate.py --out <folder>

See README.md beside it for what the files hold, and requirements.txt for the versions.
"""

import argparse
import dataclasses
import pathlib
import sys
from collections.abc import Callable

import catalogue
import golden_file
from backends import run_on
from cases import trajectory
from golden_file import Golden

_HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Settings:
    backend: str
    mnist: pathlib.Path


_RECIPES: dict[str, Callable[[Settings], Golden]] = {
    "integer_generator": lambda settings: run_on(settings.backend, "generator", "make"),
    "activations": lambda settings: run_on(settings.backend, "activations", "make", "float64"),
    "activations_float32": lambda settings: run_on(settings.backend, "activations", "make", "float32"),
    "layers": lambda settings: run_on(settings.backend, "layers", "make"),
    "image_layers": lambda settings: run_on(settings.backend, "layers", "make_images"),
    "losses": lambda settings: run_on(settings.backend, "losses", "make").merge(
        run_on("tensorflow", "losses", "make_fused")
    ),
    "metrics": lambda settings: run_on(settings.backend, "metrics", "make"),
    "optimizers": lambda settings: run_on(settings.backend, "optimizers", "make").merge(
        run_on(settings.backend, "optimizers", "make_keras_2")
    ),
    "optimizers_framed": lambda settings: run_on(settings.backend, "optimizers", "make_framed"),
    "initializers": lambda settings: run_on(settings.backend, "initializers", "make"),
    "regularizers": lambda settings: run_on(settings.backend, "regularizers", "make"),
    "callbacks": lambda settings: run_on(settings.backend, "callbacks", "make"),
    "configs": lambda settings: run_on(settings.backend, "configs", "make"),
    "mixed": lambda settings: run_on(settings.backend, "mixed", "make"),
    "fit_curve": lambda settings: run_on(settings.backend, "fit_curve", "make"),
    "trajectory_mnist_sgd": lambda settings: trajectory.make("mnist", "sgd", settings.mnist),
    "trajectory_mnist_rmsprop": lambda settings: trajectory.make("mnist", "rmsprop", settings.mnist),
    "trajectory_mnist_adam": lambda settings: trajectory.make("mnist", "adam", settings.mnist),
    "trajectory_lenet5_sgd": lambda settings: trajectory.make("lenet5", "sgd", settings.mnist),
    "trajectory_lenet5_rmsprop": lambda settings: trajectory.make("lenet5", "rmsprop", settings.mnist),
    "trajectory_lenet5_adam": lambda settings: trajectory.make("lenet5", "adam", settings.mnist),
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder the files are written to")
    parser.add_argument("--only", nargs="+", choices=list(_RECIPES), default=list(_RECIPES), help="make only these")
    parser.add_argument("--mnist", type=pathlib.Path, default="data/mnist", help="folder of MNIST's four files")
    parser.add_argument(
        "--backend", choices=["jax", "tensorflow", "torch"], default="jax", help="where Keras may run on any"
    )
    parser.add_argument("--check", action="store_true", help="compare with the committed files; exit 1 if they differ")
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    arguments.out.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    for name in arguments.only:
        print(f"{name}.npz", flush=True)
        golden = _RECIPES[name](Settings(arguments.backend, arguments.mnist))
        golden_file.write(arguments.out / f"{name}.npz", golden)
        if arguments.check:
            lines += [
                f"{name}.npz: {line}"
                for line in golden_file.differences(golden_file.read(_HERE / f"{name}.npz"), golden)
            ]
    catalogue.write(arguments.out)
    print("\n".join(lines), end="\n" if lines else "", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
