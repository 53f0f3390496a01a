"""A small network under the mixed policies: its output, its gradients, ten steps, and what a loss scale does."""

import keras
import numpy as np

from golden_file import Golden
from integer_generator import IntegerGenerator

_SAMPLES, _FEATURES, _UNITS, _CLASSES, _STEPS = 16, 6, 12, 3, 10
_SCALED_STEPS = 14  # in the next one the backends, which round differently, part
_WEIGHTS = ("kernel_0", "bias_0", "kernel_1", "bias_1")
_LOSS_SCALE = {"initial_scale": 2.0**24, "dynamic_growth_steps": 2}  # too large at first, and soon again


def make() -> Golden:
    values = _inputs()
    golden = Golden(dict(values))
    for policy in ("mixed_bfloat16", "mixed_float16"):
        golden.add(policy, f"set_dtype_policy('{policy}'), SGD(0.25, momentum=0.5)", _train(policy, values))
    text = ", ".join(f"{name}={value!r}" for name, value in _LOSS_SCALE.items())
    golden.add("loss_scale", f"mixed_float16, LossScaleOptimizer(SGD(0.25), {text})", _scale(values))
    return golden


def _inputs() -> dict[str, np.ndarray]:
    def uniform(name: str, *shape: int) -> np.ndarray:
        return IntegerGenerator(f"mixed/{name}").uniform(*shape).astype(np.float32)

    x = uniform("x", _SAMPLES, _FEATURES)
    return {
        "x": x,
        "y": np.argmax(x[:, :_CLASSES] * x[:, _CLASSES:], axis=-1),
        "initial_kernel_0": uniform("kernel_0", _FEATURES, _UNITS),
        "initial_bias_0": uniform("bias_0", _UNITS) * np.float32(0.25),
        "initial_kernel_1": uniform("kernel_1", _UNITS, _CLASSES),
        "initial_bias_1": uniform("bias_1", _CLASSES) * np.float32(0.25),
    }


def _model(policy: str, values: dict[str, np.ndarray], optimizer: keras.Optimizer) -> keras.Model:
    keras.config.set_dtype_policy(policy)
    model = keras.Sequential(
        [keras.Input((_FEATURES,)), keras.layers.Dense(_UNITS, activation="tanh"), keras.layers.Dense(_CLASSES)]
    )
    model.set_weights([values[f"initial_{name}"] for name in _WEIGHTS])
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def _train(policy: str, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Gradients are what a step of rate 1 takes from the weights."""
    unit = _model(policy, values, keras.optimizers.SGD(1.0))
    output = np.asarray(unit.predict_on_batch(values["x"])).astype(np.float32)
    unit.train_on_batch(values["x"], values["y"])
    gradients = {
        f"{name}_gradient": values[f"initial_{name}"] - weight
        for name, weight in zip(_WEIGHTS, unit.get_weights(), strict=True)
    }
    model = _model(policy, values, keras.optimizers.SGD(0.25, momentum=0.5))
    losses = [model.train_on_batch(values["x"], values["y"]) for _ in range(_STEPS)]
    return {"output": output, **gradients, "losses": np.array(losses, np.float32), "kernel_1": model.get_weights()[2]}


def _scale(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """After each step: the scale, the finite steps since it changed, the updates made, a bias."""
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.25), **_LOSS_SCALE)
    model = _model("mixed_float16", values, optimizer)
    steps = []
    for _ in range(_SCALED_STEPS):
        model.train_on_batch(values["x"], values["y"])
        state = (optimizer.dynamic_scale, optimizer.step_counter, optimizer.iterations)
        steps.append([*(float(np.asarray(variable.value)) for variable in state), model.get_weights()[3]])
    scales, counters, iterations, biases = zip(*steps)
    return {
        "scales": np.array(scales),
        "step_counters": np.array(counters, np.int64),
        "iterations": np.array(iterations, np.int64),
        "biases": np.array(biases, np.float32),
    }
