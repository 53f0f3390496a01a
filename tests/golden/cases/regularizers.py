"""Regularizers: what they add to the loss and its gradient, float64."""

import keras

from cases.differentiation import inputs, value_and_gradients
from golden_file import Golden, call_text

_CASES: dict[str, tuple[str, dict[str, object]]] = {
    "l1": ("L1", {}),
    "l1_argument": ("L1", {"l1": 0.375}),
    "l2": ("L2", {}),
    "l2_argument": ("L2", {"l2": 0.375}),
    "l1_l2_l1": ("L1L2", {"l1": 0.375}),
    "l1_l2_arguments": ("L1L2", {"l1": 0.375, "l2": 0.625}),
}


def make() -> Golden:
    keras.config.set_floatx("float64")
    golden = Golden()
    x = inputs("regularizers/x", 3, 4)
    golden.put(x=x)
    for name, (regularizer, arguments) in _CASES.items():
        call = f"{call_text(regularizer, [], arguments)}(x)"
        golden.add(name, call, value_and_gradients(getattr(keras.regularizers, regularizer)(**arguments), {"x": x}))
    return golden
