"""Every activation of Keras: its output and the gradient of sum(output * cotangent) with respect to x."""

import functools

import keras

from cases.differentiation import inputs, value_and_gradients
from golden_file import Golden, call_text

# case: function of keras.activations, its arguments
_CASES: dict[str, tuple[str, dict[str, object]]] = {
    "linear": ("linear", {}),
    "relu": ("relu", {}),
    "relu_negative_slope": ("relu", {"negative_slope": 0.25}),
    "relu_max_value": ("relu", {"max_value": 1.5}),
    "relu_threshold": ("relu", {"threshold": 0.75}),
    "relu_all": ("relu", {"negative_slope": 0.25, "max_value": 3.0, "threshold": 0.75}),
    "leaky_relu": ("leaky_relu", {}),
    "leaky_relu_slope": ("leaky_relu", {"negative_slope": 0.375}),
    "relu6": ("relu6", {}),
    "elu": ("elu", {}),
    "elu_alpha": ("elu", {"alpha": 1.75}),
    "selu": ("selu", {}),
    "celu": ("celu", {}),
    "celu_alpha": ("celu", {"alpha": 1.75}),
    "softplus": ("softplus", {}),
    "softsign": ("softsign", {}),
    "silu": ("silu", {}),
    "gelu": ("gelu", {}),
    "gelu_approximate": ("gelu", {"approximate": True}),
    "hard_sigmoid": ("hard_sigmoid", {}),
    "hard_silu": ("hard_silu", {}),
    "hard_tanh": ("hard_tanh", {}),
    "mish": ("mish", {}),
    "squareplus": ("squareplus", {}),
    "squareplus_b": ("squareplus", {"b": 2.5}),
    "soft_shrink": ("soft_shrink", {}),
    "soft_shrink_threshold": ("soft_shrink", {"threshold": 1.25}),
    "hard_shrink": ("hard_shrink", {}),
    "hard_shrink_threshold": ("hard_shrink", {"threshold": 1.25}),
    "tanh_shrink": ("tanh_shrink", {}),
    "sparse_plus": ("sparse_plus", {}),
    "sparse_sigmoid": ("sparse_sigmoid", {}),
    "threshold": ("threshold", {"threshold": 0.75, "default_value": -2.5}),
    "exponential": ("exponential", {}),
    "sigmoid": ("sigmoid", {}),
    "log_sigmoid": ("log_sigmoid", {}),
    "tanh": ("tanh", {}),
    "softmax": ("softmax", {}),
    "softmax_axis": ("softmax", {"axis": 0}),
    "log_softmax": ("log_softmax", {}),
    "log_softmax_axis": ("log_softmax", {"axis": 0}),
    "sparsemax": ("sparsemax", {}),
    "sparsemax_axis": ("sparsemax", {"axis": 0}),
    "glu": ("glu", {}),
}


def make(dtype: str) -> Golden:
    keras.config.set_floatx(dtype)
    golden = Golden()
    x, cotangent = inputs("activations/x", 5, 8).astype(dtype), inputs("activations/cotangent", 5, 8).astype(dtype)
    golden.put(x=x, cotangent=cotangent)
    for case, (name, arguments) in _CASES.items():
        function = functools.partial(getattr(keras.activations, name), **arguments)
        columns = function(x).shape[-1]  # glu halves the last axis
        golden.add(
            case, call_text(name, ["x"], arguments), value_and_gradients(function, {"x": x}, cotangent[:, :columns])
        )
    return golden
