"""What a run of some steps keeps: losses, sampled weights, and how far Keras's backends are from each other in float32."""

import itertools
import pathlib

import numpy as np

from backends import run_on
from golden_file import Golden
from integer_generator import IntegerGenerator

_SEEDS = (0, 1, 2)
_BACKENDS = ("tensorflow", "jax", "torch")
_SAMPLED = 256  # entries of each kernel


_CALLS = {"mnist": "200 steps of 784-300-100-10 on MNIST", "lenet5": "50 steps of LeNet-5 on MNIST"}
_SAMPLES = {"mnist": "10,000", "lenet5": "2,500"}


def make(network: str, optimizer: str, mnist: pathlib.Path) -> Golden:
    call = f"{_CALLS[network]} with {optimizer}, "
    exact = run_on("tensorflow", "training_run", "run", network, optimizer, "float64", _SEEDS[:1], mnist)
    rounded = {name: run_on(name, "training_run", "run", network, optimizer, "float32", _SEEDS, mnist) for name in _BACKENDS}
    golden = Golden()
    golden.add("float64/seed_0", f"{call}float64 on TensorFlow", _kept(exact, 0))
    for seed in _SEEDS:
        golden.add(f"float32/seed_{seed}", f"{call}float32 on TensorFlow", _kept(rounded["tensorflow"], seed))
        sums = {name: rounded["tensorflow"].entries[f"{name}_{seed}"] for name in ("pixels", "labels")}
        golden.add(f"data/seed_{seed}", f"sums of the bytes of the {_SAMPLES[network]} samples used", sums)
    kept = {name: [_kept(run, seed) for seed in _SEEDS] for name, run in rounded.items()}
    golden.add("spread", "largest distance of TensorFlow, JAX and PyTorch in float32", _spread(kept))
    return golden


def _kept(run: Golden, seed: int) -> dict[str, np.ndarray]:
    """losses (steps), kernel_<i> at the sampled positions, whole bias_<i>, and norms: of every weight, in their order."""
    prefix = f"seed_{seed}/"
    values = {name.removeprefix(prefix): array for name, array in run.entries.items() if name.startswith(prefix)}
    norms = [np.linalg.norm(array.astype(np.float64)) for name, array in values.items() if name != "losses"]
    return {name: _sampled(name, array) for name, array in values.items()} | {"norms": np.array(norms)}


def _sampled(name: str, array: np.ndarray) -> np.ndarray:
    if not name.startswith("kernel"):
        return array
    return array.reshape(-1)[IntegerGenerator(f"trajectory/positions/{name}").positions(_SAMPLED, array.size)]


def _spread(kept: dict[str, list[dict[str, np.ndarray]]]) -> dict[str, np.ndarray]:
    """losses and weights: the largest |a - b| / |b|; losses_of_pairs and weights_of_pairs: (seed, pair)."""
    pairs = list(itertools.combinations(_BACKENDS, 2))
    table = {
        what: np.array([[_distance(part(kept[a][i]), part(kept[b][i])) for a, b in pairs] for i in range(len(_SEEDS))])
        for what, part in (("losses", lambda run: run["losses"]), ("weights", _weights))
    }
    return {what: values.max() for what, values in table.items()} | {
        f"{what}_of_pairs": values for what, values in table.items()
    }


def _weights(run: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([array for name, array in run.items() if name not in ("losses", "norms")])


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(a.astype(np.float64) - b.astype(np.float64)) / np.linalg.norm(b.astype(np.float64)))
