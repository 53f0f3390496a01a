"""A small model through fit, evaluate and predict: the history and what the model gives afterwards, float64."""

import dataclasses

import keras
import numpy as np

from golden_file import Golden, call_text
from integer_generator import IntegerGenerator

_SAMPLES, _FEATURES, _UNITS, _CLASSES = 50, 6, 16, 3
_TRAINED = 37  # samples left by validation_split=0.25, in batches of 8: the last one has 5


@dataclasses.dataclass(frozen=True)
class _Case:
    fit: dict[str, object] = dataclasses.field(default_factory=dict)
    l2: float = 0.0
    optimizer: str = "SGD"
    weighted_metrics: bool = False


_SPLIT: dict[str, object] = {"validation_split": 0.25}
# Strings name inputs: see _inputs. An l2 of 2^-6 is exact in float32 too (README.md: TensorFlow rounds it).
_CASES: dict[str, _Case] = {
    "plain": _Case(),
    "validation_split": _Case(_SPLIT),
    "validation_data": _Case({"validation_data": ("x_validation", "y_validation")}),
    "validation_data_weighted": _Case({"validation_data": ("x_validation", "y_validation", "weights_validation")}),
    "validation_freq": _Case(_SPLIT | {"validation_freq": 2}),
    "class_weight": _Case(_SPLIT | {"class_weight": {0: 0.5, 1: 1.5, 2: 2.0}}),
    "sample_weight": _Case(_SPLIT | {"sample_weight": "sample_weight"}),
    "weighted_metrics": _Case(_SPLIT | {"sample_weight": "sample_weight"}, weighted_metrics=True),
    "l2": _Case(_SPLIT, l2=0.015625),
    "l2_sample_weight": _Case(_SPLIT | {"sample_weight": "sample_weight"}, l2=0.015625),
    "initial_epoch": _Case(_SPLIT | {"initial_epoch": 2}),
    "steps_per_epoch": _Case(_SPLIT | {"steps_per_epoch": 3}),
    "rmsprop": _Case(_SPLIT, optimizer="RMSprop"),
    "adam": _Case(_SPLIT, optimizer="Adam"),
}
_OPTIMIZERS: dict[str, dict[str, object]] = {
    "SGD": {"learning_rate": 0.25, "momentum": 0.5},
    "RMSprop": {"learning_rate": 0.0625, "rho": 0.75},
    "Adam": {"learning_rate": 0.0625, "beta_1": 0.75, "beta_2": 0.875},
}


def make() -> Golden:
    keras.config.set_floatx("float64")
    values = _inputs()
    golden = Golden(dict(values))
    for name, case in _CASES.items():
        golden.add(name, _call(case), _fit(case, values))
    return golden


def _call(case: _Case) -> str:
    arguments = dict(case.fit) | ({"l2": case.l2} if case.l2 else {})
    names = {"x_validation", "y_validation", "weights_validation", "sample_weight"}
    text = call_text("fit", ["x", "y"], arguments)
    for name in names:
        text = text.replace(f"'{name}'", name)
    metrics = "weighted_metrics" if case.weighted_metrics else "metrics"
    return f"{call_text(case.optimizer, [], _OPTIMIZERS[case.optimizer])}, {metrics}=['accuracy']: {text}"


def _fit(case: _Case, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    model = _model(case, values)
    history = model.fit(
        values["x"], values["y"], batch_size=8, epochs=5, shuffle=False, verbose=0, **_looked_up(case.fit, values)
    )
    weights = dict(zip(("kernel_0", "bias_0", "kernel_1", "bias_1"), model.get_weights(), strict=True))
    evaluated = model.evaluate(values["x"], values["y"], batch_size=8, verbose=0)
    predicted = model.predict(values["x_validation"], batch_size=8, verbose=0)
    results = {"evaluate": np.array(evaluated), "predict": predicted, "kernel_1": weights["kernel_1"]}
    return {name: np.array(curve) for name, curve in history.history.items()} | results


def _looked_up(arguments: dict[str, object], values: dict[str, np.ndarray]) -> dict[str, object]:
    def value(argument: object) -> object:
        if isinstance(argument, tuple):
            return tuple(values[name] for name in argument)
        return values[argument] if isinstance(argument, str) else argument

    return {name: value(argument) for name, argument in arguments.items()}


def _model(case: _Case, values: dict[str, np.ndarray]) -> keras.Model:
    regularizer = keras.regularizers.L2(case.l2) if case.l2 else None
    model = keras.Sequential(
        [
            keras.Input((_FEATURES,)),
            keras.layers.Dense(_UNITS, activation="tanh", kernel_regularizer=regularizer),
            keras.layers.Dense(_CLASSES, activation="softmax", kernel_regularizer=regularizer),
        ]
    )
    model.set_weights([values[f"initial_{name}"] for name in ("kernel_0", "bias_0", "kernel_1", "bias_1")])
    metrics = {"weighted_metrics" if case.weighted_metrics else "metrics": ["accuracy"]}
    optimizer = getattr(keras.optimizers, case.optimizer)(**_OPTIMIZERS[case.optimizer])
    model.compile(optimizer, loss="sparse_categorical_crossentropy", **metrics)
    return model


def _inputs() -> dict[str, np.ndarray]:
    def uniform(name: str, *shape: int) -> np.ndarray:
        return IntegerGenerator(f"fit_curve/{name}").uniform(*shape)

    def labels(x: np.ndarray) -> np.ndarray:
        """Learnable, but not by a line."""
        return np.argmax(x[:, :_CLASSES] * x[:, _CLASSES:], axis=-1)

    x, x_validation = uniform("x", _SAMPLES, _FEATURES), uniform("x_validation", _SAMPLES - _TRAINED, _FEATURES)
    return {
        "x": x,
        "y": labels(x),
        "sample_weight": uniform("sample_weight", _SAMPLES) + 1.0,
        "x_validation": x_validation,
        "y_validation": labels(x_validation),
        "weights_validation": uniform("weights_validation", _SAMPLES - _TRAINED) + 1.0,
        "initial_kernel_0": uniform("kernel_0", _FEATURES, _UNITS) * 0.5,
        "initial_bias_0": uniform("bias_0", _UNITS) * 0.125,
        "initial_kernel_1": uniform("kernel_1", _UNITS, _CLASSES) * 0.5,
        "initial_bias_1": uniform("bias_1", _CLASSES) * 0.125,
    }
