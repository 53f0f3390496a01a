"""Ten steps of every optimizer on two variables with given gradients, float64."""

import dataclasses

import keras
import numpy as np

from golden_file import Golden, call_text
from integer_generator import IntegerGenerator

_STEPS = 10
_SHAPES = ((3, 4), (4,))

Arguments = dict[str, object]


@dataclasses.dataclass(frozen=True)
class _Case:
    optimizer: str
    arguments: Arguments
    excluded: tuple[int, ...] = ()  # the variables that exclude_from_weight_decay names


_LEARNING_RATE = 0.0625
_RATE: Arguments = {"learning_rate": _LEARNING_RATE}
_SGD: Arguments = _RATE | {"momentum": 0.75}
_RMSPROP: Arguments = _RATE | {"rho": 0.75, "momentum": 0.5, "epsilon": 1e-3, "centered": True}
_ADAM: Arguments = _RATE | {"beta_1": 0.75, "beta_2": 0.875, "epsilon": 1e-3}
_ADAGRAD: Arguments = _RATE | {"initial_accumulator_value": 0.25, "epsilon": 1e-3}

_PLAIN: dict[str, _Case] = {
    "sgd": _Case("SGD", {}),
    "sgd_momentum": _Case("SGD", _SGD),
    "sgd_nesterov": _Case("SGD", _SGD | {"nesterov": True}),
    "rmsprop": _Case("RMSprop", {}),
    "rmsprop_momentum": _Case("RMSprop", _RATE | {"rho": 0.75, "momentum": 0.5}),
    "rmsprop_centered": _Case("RMSprop", _RATE | {"rho": 0.75, "centered": True}),
    "rmsprop_all": _Case("RMSprop", _RMSPROP),
    "adam": _Case("Adam", {}),
    "adam_all": _Case("Adam", _ADAM),
    "adam_amsgrad": _Case("Adam", _ADAM | {"amsgrad": True}),
    "adamw": _Case("AdamW", {}),
    "adamw_all": _Case("AdamW", _ADAM | {"weight_decay": 0.125, "amsgrad": True}),
    "adamw_excluded": _Case("AdamW", _ADAM | {"weight_decay": 0.125}, excluded=(1,)),
    "adagrad": _Case("Adagrad", {}),
    "adagrad_all": _Case("Adagrad", _ADAGRAD),
}

# Of the two variables' gradients some exceed these norms and values, some do not.
_FRAME: dict[str, Arguments] = {
    "weight_decay": {"weight_decay": 0.125},
    "clipnorm": {"clipnorm": 1.25},
    "clipvalue": {"clipvalue": 0.5},
    "global_clipnorm": {"global_clipnorm": 2.25},
    "weight_decay_clipnorm": {"weight_decay": 0.125, "clipnorm": 1.25},
}
_FRAMED: dict[str, tuple[str, Arguments]] = {
    "sgd": ("SGD", _SGD),
    "rmsprop": ("RMSprop", _RMSPROP),
    "adam": ("Adam", _ADAM),
    "adagrad": ("Adagrad", _ADAGRAD),
    "adamw": ("AdamW", _ADAM),
}


def make() -> Golden:
    return _trajectories(_PLAIN)


def make_framed() -> Golden:
    """Each optimizer with each option that all share."""
    return _trajectories(
        {
            f"{name}_{option}": _Case(optimizer, arguments | frame)
            for name, (optimizer, arguments) in _FRAMED.items()
            for option, frame in _FRAME.items()
        }
    )


def make_keras_2() -> Golden:
    """RMSprop and Adagrad of Keras 2.3.1 (keras/optimizers.py), epsilon added to the root: by formula, not by Keras."""
    golden = Golden()
    for epsilon, suffix in ((1e-7, ""), (1e-3, "_epsilon")):
        arguments = _RATE | {"epsilon": epsilon}
        golden.add(
            f"rmsprop_keras_2{suffix}",
            call_text("Keras 2.3.1 RMSprop", [], arguments | {"rho": 0.75}),
            _keras_2(rho=0.75, weight=0.25, epsilon=epsilon),
        )
        golden.add(
            f"adagrad_keras_2{suffix}",
            call_text("Keras 2.3.1 Adagrad", [], arguments),
            _keras_2(rho=1.0, weight=1.0, epsilon=epsilon),
        )
    return golden


def _initial() -> list[np.ndarray]:
    return [IntegerGenerator(f"optimizers/initial_{i}").uniform(*shape) for i, shape in enumerate(_SHAPES)]


def _gradients() -> list[np.ndarray]:
    return [IntegerGenerator(f"optimizers/gradient_{i}").uniform(_STEPS, *shape) for i, shape in enumerate(_SHAPES)]


def _trajectories(cases: dict[str, _Case]) -> Golden:
    keras.config.set_floatx("float64")
    golden = Golden()
    for i, (initial, gradient) in enumerate(zip(_initial(), _gradients())):
        golden.put(**{f"initial_{i}": initial, f"gradient_{i}": gradient})
    for name, case in cases.items():
        call = call_text(case.optimizer, [], case.arguments)
        call += "".join(f", variable_{i} excluded from weight_decay" for i in case.excluded)
        golden.add(name, call, _trajectory(case))
    return golden


def _trajectory(case: _Case) -> dict[str, np.ndarray]:
    optimizer = getattr(keras.optimizers, case.optimizer)(**case.arguments)
    variables = [keras.Variable(initial, name=f"variable_{i}") for i, initial in enumerate(_initial())]
    if case.excluded:
        optimizer.exclude_from_weight_decay(var_list=[variables[i] for i in case.excluded])
    history: list[list[np.ndarray]] = [[] for _ in variables]
    for gradients in zip(*_gradients()):
        optimizer.apply([keras.ops.convert_to_tensor(gradient) for gradient in gradients], variables)
        for values, variable in zip(history, variables):
            values.append(np.array(keras.ops.convert_to_numpy(variable.value)))
    return _stacked(history)


def _keras_2(rho: float, weight: float, epsilon: float) -> dict[str, np.ndarray]:
    """a = rho a + weight g^2 from 0; p -= rate g / (sqrt(a) + epsilon)."""
    history: list[list[np.ndarray]] = []
    for variable, gradients in zip(_initial(), _gradients()):
        accumulated = np.zeros_like(variable)
        history.append([])
        for gradient in gradients:
            accumulated = rho * accumulated + weight * gradient**2
            variable = variable - _LEARNING_RATE * gradient / (np.sqrt(accumulated) + epsilon)
            history[-1].append(variable)
    return _stacked(history)


def _stacked(history: list[list[np.ndarray]]) -> dict[str, np.ndarray]:
    return {f"variable_{i}": np.stack(values) for i, values in enumerate(history)}
