"""Metrics after the first of two batches and after both (5 and 3 samples), without and with weights, float64."""

import dataclasses

import keras
import numpy as np

from golden_file import Golden, call_text
from integer_generator import IntegerGenerator

_FIRST = 5  # samples of the first batch
_SAMPLES = 8


@dataclasses.dataclass(frozen=True)
class _Case:
    metric: str
    arguments: dict[str, object]
    y_true: str | None
    y_pred: str
    sample_weight: str = "sample_weight"


_CASES: dict[str, _Case] = {
    "binary_accuracy": _Case("BinaryAccuracy", {}, "binary/y_true", "binary/y_pred"),
    "binary_accuracy_threshold": _Case("BinaryAccuracy", {"threshold": 0.25}, "binary/y_true", "binary/y_pred"),
    "binary_accuracy_columns": _Case("BinaryAccuracy", {}, "multi_label/y_true", "categorical/y_pred"),
    "categorical_accuracy": _Case("CategoricalAccuracy", {}, "categorical/y_true", "categorical/y_pred"),
    "sparse_categorical_accuracy": _Case("SparseCategoricalAccuracy", {}, "sparse/y_true", "categorical/y_pred"),
    "sparse_categorical_accuracy_column": _Case("SparseCategoricalAccuracy", {}, "sparse/column", "categorical/y_pred"),
    "sparse_categorical_accuracy_rank_3": _Case(
        "SparseCategoricalAccuracy", {}, "rank_3/y_true", "rank_3/y_pred", "rank_3/sample_weight"
    ),
    "top_k_categorical_accuracy": _Case(
        "TopKCategoricalAccuracy", {"k": 2}, "categorical/y_true", "categorical/y_pred"
    ),
    "top_k_categorical_accuracy_default": _Case("TopKCategoricalAccuracy", {}, "many/y_true", "many/y_pred"),
    "sparse_top_k_categorical_accuracy": _Case(
        "SparseTopKCategoricalAccuracy", {"k": 2}, "sparse/y_true", "categorical/y_pred"
    ),
    "sparse_top_k_categorical_accuracy_default": _Case(
        "SparseTopKCategoricalAccuracy", {}, "many/labels", "many/y_pred"
    ),
    "mean_squared_error": _Case("MeanSquaredError", {}, "regression/y_true", "regression/y_pred"),
    "mean_absolute_error": _Case("MeanAbsoluteError", {}, "regression/y_true", "regression/y_pred"),
    "mean": _Case("Mean", {}, None, "values"),
}

# metrics=["accuracy"]: what the word resolves to depends on the shapes alone
_ACCURACY: dict[str, _Case] = {
    "accuracy_binary": _Case("accuracy", {}, "binary/y_true", "binary/y_pred"),
    "accuracy_binary_rank_1": _Case("accuracy", {}, "binary/flat", "binary/y_pred"),
    "accuracy_categorical": _Case("accuracy", {}, "categorical/y_true", "categorical/y_pred"),
    "accuracy_multi_label": _Case("accuracy", {}, "multi_label/y_true", "categorical/y_pred"),
    "accuracy_sparse": _Case("accuracy", {}, "sparse/y_true", "categorical/y_pred"),
    "accuracy_sparse_column": _Case("accuracy", {}, "sparse/column", "categorical/y_pred"),
    "accuracy_sparse_rank_3": _Case("accuracy", {}, "rank_3/y_true", "rank_3/y_pred", "rank_3/sample_weight"),
}


def make() -> Golden:
    """Keras on TensorFlow has no top k of float64."""
    keras.config.set_floatx("float64")
    values = _inputs()
    golden = Golden(dict(values))
    for name, case in _CASES.items():
        if keras.backend.backend() == "tensorflow" and "TopK" in case.metric:
            continue
        data = ([case.y_true] if case.y_true else []) + [case.y_pred]
        call = f"{call_text(case.metric, [], case.arguments)}({', '.join(data)}); weighted: {case.sample_weight}"
        arrays, weights = [values[key] for key in data], values[case.sample_weight]
        golden.add(name, call, {"result": _results(case, arrays), "weighted_result": _results(case, arrays, weights)})
    for name, case in _ACCURACY.items():
        call = f'metrics=["accuracy"]: evaluate({case.y_pred}, {case.y_true}); weighted_metrics: {case.sample_weight}'
        golden.add(name, call, _evaluate(values[case.y_true], values[case.y_pred], values[case.sample_weight]))
    return golden


def _results(case: _Case, data: list[np.ndarray], weights: np.ndarray | None = None) -> np.ndarray:
    metric = getattr(keras.metrics, case.metric)(**case.arguments)
    results: list[float] = []
    for rows in (slice(None, _FIRST), slice(_FIRST, None)):
        batch = [values[rows] for values in data]
        metric.update_state(*batch, sample_weight=None if weights is None else weights[rows])
        results.append(float(metric.result()))
    return np.array(results)


def _evaluate(y_true: np.ndarray, y_pred: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    model = keras.Sequential([keras.Input(y_pred.shape[1:]), keras.layers.Activation("linear")])
    model.compile(
        loss=lambda _, predicted: keras.ops.mean(predicted, axis=-1),
        metrics=["accuracy"],
        weighted_metrics=["accuracy"],
    )
    logs = [
        model.evaluate(
            y_pred[:count],
            y_true[:count],
            sample_weight=weights[:count],
            batch_size=_FIRST,
            verbose=0,
            return_dict=True,
        )
        for count in (_FIRST, _SAMPLES)
    ]
    return {name: np.array([log[key] for log in logs]) for name, key in _names(logs[0]).items()}


def _names(log: dict[str, float]) -> dict[str, str]:
    """Keras names the second "accuracy" after the first."""
    unweighted, weighted = (key for key in log if "accuracy" in key)
    return {"result": unweighted, "weighted_result": weighted}


def _inputs() -> dict[str, np.ndarray]:
    def uniform(name: str, *shape: int) -> np.ndarray:
        return (IntegerGenerator(f"metrics/{name}").uniform(*shape) + 1.0) / 2.0

    def labels(name: str, classes: int, *shape: int) -> np.ndarray:
        return IntegerGenerator(f"metrics/{name}").positions(int(np.prod(shape)), classes).reshape(shape)

    binary, sparse = labels("binary/y_true", 2, _SAMPLES), labels("sparse/y_true", 4, _SAMPLES)
    many = labels("many/labels", 9, _SAMPLES)
    binary_predictions, predictions = uniform("binary/y_pred", _SAMPLES, 1), uniform("categorical/y_pred", _SAMPLES, 4)
    binary_predictions[:2] = [[0.5], [0.25]]  # at the thresholds: strictly greater counts as 1
    predictions[0] = [0.25, 0.75, 0.75, 0.125]  # a tie: the first is taken
    predictions[1] = [0.5, 0.75, 0.25, 0.75]
    sparse[:2] = [1, 3]
    return {
        "sample_weight": np.array([0.5, 1.25, 0.0, 2.0, 1.0, 0.75, 3.0, 0.25]),
        "values": uniform("values", _SAMPLES),
        "binary/y_true": binary.reshape(-1, 1).astype(np.float64),
        "binary/flat": binary.astype(np.float64),
        "binary/y_pred": binary_predictions,
        "multi_label/y_true": labels("multi_label/y_true", 2, _SAMPLES, 4).astype(np.float64),
        "categorical/y_true": np.eye(4)[sparse],
        "categorical/y_pred": predictions,
        "sparse/y_true": sparse,
        "sparse/column": sparse.reshape(-1, 1),
        "rank_3/y_true": labels("rank_3/y_true", 4, _SAMPLES, 2),
        "rank_3/y_pred": uniform("rank_3/y_pred", _SAMPLES, 2, 4),
        "rank_3/sample_weight": uniform("rank_3/sample_weight", _SAMPLES, 2),
        "many/y_true": np.eye(9)[many],
        "many/labels": many,
        "many/y_pred": uniform("many/y_pred", _SAMPLES, 9),
        "regression/y_true": uniform("regression/y_true", _SAMPLES, 3),
        "regression/y_pred": uniform("regression/y_pred", _SAMPLES, 3),
    }
