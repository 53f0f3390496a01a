"""Initializers: moments of what they draw and of what they should; exact values where nothing is drawn. Float64."""

import dataclasses
import math

import keras
import numpy as np

from golden_file import Golden, call_text

_SHAPE = (200, 300)
_FAN_IN, _FAN_OUT = _SHAPE
_SMALL = (3, 4)
_UNBOUNDED = math.inf
# The standard deviation of a standard normal cut at ±2 (keras/src/initializers/random_initializers.py).
_TRUNCATED = 0.87962566103423978


@dataclasses.dataclass(frozen=True)
class _Moments:
    mean: float
    deviation: float
    minimum: float
    maximum: float

    def array(self) -> np.ndarray:
        return np.array([self.mean, self.deviation, self.minimum, self.maximum])


def _uniform(minimum: float, maximum: float) -> _Moments:
    return _Moments((minimum + maximum) / 2, (maximum - minimum) / math.sqrt(12.0), minimum, maximum)


def _normal(deviation: float, mean: float = 0.0) -> _Moments:
    return _Moments(mean, deviation, -_UNBOUNDED, _UNBOUNDED)


def _truncated(stddev: float, mean: float = 0.0) -> _Moments:
    """stddev before the cut at two of them."""
    return _Moments(mean, _TRUNCATED * stddev, mean - 2 * stddev, mean + 2 * stddev)


def _scaled(scale: float, fan: float, distribution: str) -> _Moments:
    deviation = math.sqrt(scale / fan)
    if distribution == "uniform":
        return _uniform(-math.sqrt(3.0) * deviation, math.sqrt(3.0) * deviation)
    return _normal(deviation) if distribution == "untruncated_normal" else _truncated(deviation / _TRUNCATED)


_FANS = {"fan_in": _FAN_IN, "fan_out": _FAN_OUT, "fan_avg": (_FAN_IN + _FAN_OUT) / 2}
_DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")

# case: initializer, arguments, what the moments should be
_DRAWN: dict[str, tuple[str, dict[str, object], _Moments]] = {
    "random_normal": ("RandomNormal", {}, _normal(0.05)),
    "random_normal_arguments": ("RandomNormal", {"mean": 0.5, "stddev": 0.25}, _normal(0.25, 0.5)),
    "random_uniform": ("RandomUniform", {}, _uniform(-0.05, 0.05)),
    "random_uniform_arguments": ("RandomUniform", {"minval": -0.25, "maxval": 0.75}, _uniform(-0.25, 0.75)),
    "truncated_normal": ("TruncatedNormal", {}, _truncated(0.05)),
    "truncated_normal_arguments": ("TruncatedNormal", {"mean": 0.5, "stddev": 0.25}, _truncated(0.25, 0.5)),
    "glorot_uniform": ("GlorotUniform", {}, _scaled(1.0, _FANS["fan_avg"], "uniform")),
    "glorot_normal": ("GlorotNormal", {}, _scaled(1.0, _FANS["fan_avg"], "truncated_normal")),
    "he_uniform": ("HeUniform", {}, _scaled(2.0, _FAN_IN, "uniform")),
    "he_normal": ("HeNormal", {}, _scaled(2.0, _FAN_IN, "truncated_normal")),
    "lecun_uniform": ("LecunUniform", {}, _scaled(1.0, _FAN_IN, "uniform")),
    "lecun_normal": ("LecunNormal", {}, _scaled(1.0, _FAN_IN, "truncated_normal")),
} | {
    f"variance_scaling_{mode}_{distribution}": (
        "VarianceScaling",
        {"scale": 1.5, "mode": mode, "distribution": distribution},
        _scaled(1.5, fan, distribution),
    )
    for mode, fan in _FANS.items()
    for distribution in _DISTRIBUTIONS
}

_EXACT: dict[str, tuple[str, dict[str, object]]] = {
    "zeros": ("Zeros", {}),
    "ones": ("Ones", {}),
    "constant": ("Constant", {"value": 0.375}),
    "identity": ("Identity", {}),
    "identity_gain": ("Identity", {"gain": -1.5}),
}


def make() -> Golden:
    keras.config.set_floatx("float64")
    golden = Golden()
    for name, (initializer, arguments, moments) in _DRAWN.items():
        drawn = _Moments(*_statistics(_values(initializer, arguments | {"seed": 1}, _SHAPE))).array()
        call = f"{call_text(initializer, [], arguments)}{_SHAPE}"
        golden.add(name, call, {"expected": moments.array(), "drawn": drawn})
    for name, (initializer, arguments) in _EXACT.items():
        values = _values(initializer, arguments, _SMALL)
        golden.add(name, f"{call_text(initializer, [], arguments)}{_SMALL}", {"values": values})
    for name, shape in (("orthogonal_wide", _SHAPE), ("orthogonal_tall", _SHAPE[::-1])):
        golden.add(name, f"Orthogonal(gain=1.5){shape}", _orthogonal(shape))
    return golden


def _values(initializer: str, arguments: dict[str, object], shape: tuple[int, ...]) -> np.ndarray:
    return keras.ops.convert_to_numpy(getattr(keras.initializers, initializer)(**arguments)(shape))


def _statistics(values: np.ndarray) -> tuple[float, float, float, float]:
    return values.mean(), values.std(), values.min(), values.max()


def _orthogonal(shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """The shorter side's vectors are orthogonal, of length gain: gram is their products' diagonal and largest other."""
    values = _values("Orthogonal", {"gain": 1.5, "seed": 1}, shape)
    products = values @ values.T if shape[0] < shape[1] else values.T @ values
    others = np.abs(products - np.diag(np.diag(products))).max()
    # below 1e-12 it is rounding, which no two machines share
    gram = np.array([np.diag(products).min(), np.diag(products).max(), others if others > 1e-12 else 0.0])
    return {"drawn": np.array(_statistics(values)), "gram": gram}
