"""Losses: values and gradients with respect to the predictions (of the sum, where nothing is reduced), float64."""

import dataclasses

import keras
import numpy as np

from cases.differentiation import inputs, value_and_gradients
from golden_file import Golden, call_text
from integer_generator import IntegerGenerator


@dataclasses.dataclass(frozen=True)
class _Case:
    loss: str
    arguments: dict[str, object]
    y_true: str
    y_pred: str
    sample_weight: str | None = None

    def call(self, y_pred: str) -> str:
        values = [self.y_true, y_pred] + ([self.sample_weight] if self.sample_weight else [])
        return f"{call_text(self.loss, [], self.arguments)}({', '.join(values)})"


_WEIGHTS = "sample_weight"


def _reductions(loss: str, y_true: str, y_pred: str, arguments: dict[str, object] | None = None) -> dict[str, _Case]:
    """Every reduction, without and with weights."""
    cases: dict[str, _Case] = {}
    for reduction in ("sum_over_batch_size", "sum", "none", "mean_with_sample_weight"):
        for suffix, weights in (("", None), ("_weighted", _WEIGHTS)):
            cases[f"{reduction}{suffix}"] = _Case(
                loss, (arguments or {}) | {"reduction": reduction}, y_true, y_pred, weights
            )
    return cases


def _named(prefix: str, cases: dict[str, _Case]) -> dict[str, _Case]:
    return {f"{prefix}_{name}": case for name, case in cases.items()}


_CASES: dict[str, _Case] = (
    _named("mean_squared_error", _reductions("MeanSquaredError", "regression/y_true", "regression/y_pred"))
    | _named("mean_absolute_error", _reductions("MeanAbsoluteError", "regression/y_true", "regression/y_pred"))
    | _named(
        "sparse_ignore",
        _reductions(
            "SparseCategoricalCrossentropy",
            "sparse/ignoring",
            "sparse/logits",
            {"from_logits": True, "ignore_class": -1},
        ),
    )
    | {
        "mean_squared_error_rank_3": _Case("MeanSquaredError", {}, "rank_3/y_true", "rank_3/y_pred"),
        "binary_probabilities": _Case("BinaryCrossentropy", {}, "binary/y_true", "binary/probabilities"),
        "binary_probabilities_smoothed": _Case(
            "BinaryCrossentropy", {"label_smoothing": 0.125}, "binary/y_true", "binary/probabilities"
        ),
        "binary_clipped": _Case("BinaryCrossentropy", {}, "binary/y_true", "binary/extreme"),
        "binary_logits": _Case("BinaryCrossentropy", {"from_logits": True}, "binary/y_true", "binary/logits"),
        "binary_logits_smoothed": _Case(
            "BinaryCrossentropy",
            {"from_logits": True, "label_smoothing": 0.125},
            "binary/y_true",
            "binary/logits",
            _WEIGHTS,
        ),
        "binary_logits_axis": _Case(
            "BinaryCrossentropy",
            {"from_logits": True, "axis": 0, "reduction": "none"},
            "binary/y_true",
            "binary/logits",
        ),
        "categorical_probabilities": _Case(
            "CategoricalCrossentropy", {}, "categorical/y_true", "categorical/probabilities", _WEIGHTS
        ),
        "categorical_probabilities_smoothed": _Case(
            "CategoricalCrossentropy", {"label_smoothing": 0.125}, "categorical/y_true", "categorical/probabilities"
        ),
        "categorical_clipped": _Case(
            "CategoricalCrossentropy", {"reduction": "none"}, "categorical/y_true", "categorical/extreme"
        ),
        "categorical_logits": _Case(
            "CategoricalCrossentropy", {"from_logits": True}, "categorical/y_true", "categorical/logits"
        ),
        "categorical_logits_soft": _Case(
            "CategoricalCrossentropy", {"from_logits": True}, "categorical/soft", "categorical/logits", _WEIGHTS
        ),
        "categorical_logits_smoothed": _Case(
            "CategoricalCrossentropy",
            {"from_logits": True, "label_smoothing": 0.125, "reduction": "sum"},
            "categorical/y_true",
            "categorical/logits",
        ),
        "categorical_logits_axis": _Case(
            "CategoricalCrossentropy", {"from_logits": True, "axis": 1}, "axis/y_true", "axis/logits"
        ),
        "sparse_probabilities": _Case(
            "SparseCategoricalCrossentropy", {}, "sparse/y_true", "categorical/probabilities"
        ),
        "sparse_probabilities_ignore": _Case(
            "SparseCategoricalCrossentropy", {"ignore_class": -1}, "sparse/ignoring", "categorical/probabilities"
        ),
        "sparse_clipped": _Case(
            "SparseCategoricalCrossentropy", {"reduction": "none"}, "sparse/y_true", "categorical/extreme"
        ),
        "sparse_logits": _Case(
            "SparseCategoricalCrossentropy", {"from_logits": True}, "sparse/y_true", "sparse/logits"
        ),
        "sparse_logits_column": _Case(
            "SparseCategoricalCrossentropy", {"from_logits": True}, "sparse/column", "sparse/logits", _WEIGHTS
        ),
        "sparse_logits_rank_3": _Case(
            "SparseCategoricalCrossentropy", {"from_logits": True}, "sparse_rank_3/y_true", "sparse_rank_3/logits"
        ),
        "sparse_logits_axis": _Case(
            "SparseCategoricalCrossentropy", {"from_logits": True, "axis": 1}, "axis/labels", "axis/logits"
        ),
    }
)

# The last activation, then the loss of probabilities: on TensorFlow Keras fuses the two.
_FUSED: dict[str, tuple[str, _Case]] = {
    "fused_binary": ("sigmoid", _Case("BinaryCrossentropy", {}, "binary/y_true", "binary/saturated")),
    "fused_binary_smoothed": (
        "sigmoid",
        _Case("BinaryCrossentropy", {"label_smoothing": 0.125}, "binary/y_true", "binary/saturated", _WEIGHTS),
    ),
    "fused_categorical": (
        "softmax",
        _Case("CategoricalCrossentropy", {"reduction": "none"}, "categorical/y_true", "categorical/saturated"),
    ),
    "fused_categorical_smoothed": (
        "softmax",
        _Case(
            "CategoricalCrossentropy",
            {"label_smoothing": 0.125},
            "categorical/y_true",
            "categorical/saturated",
            _WEIGHTS,
        ),
    ),
    "fused_sparse": (
        "softmax",
        _Case("SparseCategoricalCrossentropy", {"reduction": "none"}, "sparse/y_true", "categorical/saturated"),
    ),
    "fused_sparse_ignore": (
        "softmax",
        _Case(
            "SparseCategoricalCrossentropy", {"ignore_class": -1}, "sparse/ignoring", "categorical/saturated", _WEIGHTS
        ),
    ),
}


def make() -> Golden:
    """Everything but what depends on the backend. Keras on TensorFlow refuses an axis for the sparse loss."""
    keras.config.set_floatx("float64")
    values = _inputs()
    golden = Golden(dict(values))
    for name, case in _CASES.items():
        if keras.backend.backend() == "tensorflow" and name == "sparse_logits_axis":
            continue
        golden.add(name, case.call(case.y_pred), _evaluate(case, values, keras.activations.linear))
    return golden


def make_fused() -> Golden:
    """What Keras does on TensorFlow only: fused losses, and the sparse loss that normalises after it has clipped."""
    keras.config.set_floatx("float64")
    values = _inputs()
    golden = Golden()
    for name, (activation, case) in _FUSED.items():
        call = case.call(f"{activation}({case.y_pred})")
        golden.add(name, call, _evaluate(case, values, getattr(keras.activations, activation)))
    clipped = _CASES["sparse_clipped"]
    golden.add(
        "sparse_clipped_tensorflow", clipped.call(clipped.y_pred), _evaluate(clipped, values, keras.activations.linear)
    )
    return golden


def _evaluate(case: _Case, values: dict[str, np.ndarray], activation: object) -> dict[str, np.ndarray]:
    loss = getattr(keras.losses, case.loss)(**case.arguments)
    weights = values[case.sample_weight] if case.sample_weight else None
    return value_and_gradients(
        lambda y_pred: loss(values[case.y_true], activation(y_pred), sample_weight=weights),
        {"y_pred": values[case.y_pred]},
    )


def _inputs() -> dict[str, np.ndarray]:
    def uniform(name: str, *shape: int) -> np.ndarray:
        return IntegerGenerator(f"losses/{name}").uniform(*shape)

    def labels(name: str, classes: int, *shape: int) -> np.ndarray:
        return IntegerGenerator(f"losses/{name}").positions(int(np.prod(shape)), classes).reshape(shape)

    binary_logits, logits = inputs("losses/binary/logits", 4, 3), inputs("losses/categorical/logits", 4, 5)
    sparse, axis_labels = labels("sparse/y_true", 5, 4), labels("axis/labels", 3, 2, 3)
    soft = uniform("categorical/soft", 4, 5) + 1.0
    return {
        _WEIGHTS: np.array([0.5, 1.25, 0.0, 2.0]),
        "regression/y_true": uniform("regression/y_true", 4, 3),
        "regression/y_pred": uniform("regression/y_pred", 4, 3),
        "rank_3/y_true": uniform("rank_3/y_true", 2, 3, 4),
        "rank_3/y_pred": uniform("rank_3/y_pred", 2, 3, 4),
        "binary/y_true": labels("binary/y_true", 2, 4, 3).astype(np.float64),
        "binary/logits": binary_logits,
        "binary/probabilities": 1.0 / (1.0 + np.exp(-binary_logits)),
        "binary/extreme": np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 1e-9], [0.25, 1.0, 0.0], [0.75, 1.0 - 1e-9, 0.0]]),
        "binary/saturated": 16.0 * binary_logits,
        "categorical/y_true": np.eye(5)[sparse],
        "categorical/soft": soft / soft.sum(axis=-1, keepdims=True),
        "categorical/logits": logits,
        "categorical/probabilities": np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True),
        # neither normalised nor inside [epsilon, 1 - epsilon]
        "categorical/extreme": np.array(
            [
                [0.0, 1.0, 0.0, 0.0, 0.0],
                [0.5, 0.25, 0.5, 0.75, 1e-9],
                [1.0, 0.0, 2.0, 0.5, 0.5],
                [1e-9, 0.0, 0.25, 0.25, 0.5],
            ]
        ),
        "categorical/saturated": 16.0 * logits,
        "sparse/y_true": sparse,
        "sparse/column": sparse.reshape(4, 1),
        "sparse/ignoring": np.where([False, True, False, False], -1, sparse),
        "sparse/logits": logits,
        "sparse_rank_3/y_true": labels("sparse_rank_3/y_true", 5, 2, 3),
        "sparse_rank_3/logits": inputs("losses/sparse_rank_3/logits", 2, 3, 5),
        # Keras checks the labels' shape against y_pred's without its last axis, whatever the axis: hence (2, 3, 3).
        "axis/labels": axis_labels,
        "axis/y_true": np.moveaxis(np.eye(3)[axis_labels], -1, 1),
        "axis/logits": inputs("losses/axis/logits", 2, 3, 3),
    }
