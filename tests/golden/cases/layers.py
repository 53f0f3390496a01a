"""Every layer of the first milestone: its output and the gradients of sum(output * cotangent), inference, float64."""

import dataclasses

import keras
import numpy as np

from cases.differentiation import inputs, value_and_gradients
from golden_file import Golden, call_text

Shape = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class _Case:
    layer: str
    arguments: dict[str, object] = dataclasses.field(default_factory=dict)
    x: tuple[Shape, ...] = ((4, 4),)  # the shape of each input


_CASES: dict[str, _Case] = {
    "dense": _Case("Dense", {"units": 3}, ((5, 4),)),
    "dense_no_bias": _Case("Dense", {"units": 3, "use_bias": False}, ((5, 4),)),
    "dense_activation": _Case("Dense", {"units": 3, "activation": "tanh"}, ((5, 4),)),
    "dense_rank_3": _Case("Dense", {"units": 3, "activation": "sigmoid"}, ((2, 3, 4),)),
    "flatten": _Case("Flatten", {}, ((2, 3, 4),)),
    "flatten_rank_1": _Case("Flatten", {}, ((5,),)),
    "reshape": _Case("Reshape", {"target_shape": (4, 2)}, ((4, 8),)),
    "reshape_rest": _Case("Reshape", {"target_shape": (2, -1, 2)}, ((4, 8),)),
    "reshape_flat": _Case("Reshape", {"target_shape": (-1,)}, ((2, 3, 4),)),
    "activation": _Case("Activation", {"activation": "elu"}),
    "relu": _Case("ReLU"),
    "relu_max_value": _Case("ReLU", {"max_value": 1.5}),
    "relu_negative_slope": _Case("ReLU", {"negative_slope": 0.25}),
    "relu_threshold": _Case("ReLU", {"threshold": 0.75}),
    "relu_all": _Case("ReLU", {"max_value": 1.0, "negative_slope": 0.25, "threshold": 0.75}),
    "leaky_relu": _Case("LeakyReLU"),
    "leaky_relu_negative_slope": _Case("LeakyReLU", {"negative_slope": 0.125}),
    "softmax": _Case("Softmax"),
    "softmax_axis": _Case("Softmax", {"axis": 1}, ((2, 3, 4),)),
    "rescaling": _Case("Rescaling", {"scale": 0.375}),
    "rescaling_offset": _Case("Rescaling", {"scale": -1.75, "offset": 0.625}),
    "add": _Case("Add", {}, ((5, 4), (5, 4))),
    "add_three": _Case("Add", {}, ((5, 4), (5, 4), (5, 4))),
    "add_broadcast": _Case("Add", {}, ((2, 3, 4), (2, 1, 4))),
    "concatenate": _Case("Concatenate", {}, ((5, 4), (5, 2))),
    "concatenate_axis": _Case("Concatenate", {"axis": 1}, ((2, 3, 4), (2, 1, 4), (2, 2, 4))),
    "dropout": _Case("Dropout", {"rate": 0.375}),
}


def make() -> Golden:
    keras.config.set_floatx("float64")
    golden = Golden()
    for name, case in _CASES.items():
        golden.add(name, call_text(case.layer, [], case.arguments), _evaluate(name, case))
    return golden


def _evaluate(name: str, case: _Case) -> dict[str, np.ndarray]:
    layer = getattr(keras.layers, case.layer)(**case.arguments)
    names = ["x"] if len(case.x) == 1 else [f"x_{i}" for i in range(len(case.x))]
    x = {key: inputs(f"layers/{name}/{key}", *shape) for key, shape in zip(names, case.x)}
    layer.build(case.x[0] if len(case.x) == 1 else list(case.x))
    weights = {
        weight.name: inputs(f"layers/{name}/{weight.name}", *weight.shape) for weight in layer.trainable_variables
    }

    def call(**sources: object) -> object:
        values = [sources[key] for key in names]
        trainable, others = [sources[key] for key in weights], [
            variable.value for variable in layer.non_trainable_variables
        ]
        return layer.stateless_call(trainable, others, values[0] if len(values) == 1 else values)[0]

    cotangent = inputs(f"layers/{name}/cotangent", *call(**x, **weights).shape)
    return x | weights | {"cotangent": cotangent} | value_and_gradients(call, x | weights, cotangent)
