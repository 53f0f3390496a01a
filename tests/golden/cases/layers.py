"""Every layer: its output and the gradients of sum(output * cotangent), float64, in inference unless a case trains."""

import dataclasses

import keras
import numpy as np

from cases.differentiation import inputs, value_and_gradients
from golden_file import Golden, call_text

Shape = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class _Object:
    """An initializer or regularizer of one number, made for each layer and written as one would write it."""

    module: str
    name: str
    value: float

    def make(self) -> object:
        return getattr(getattr(keras, self.module), self.name)(self.value)

    def __repr__(self) -> str:
        return f"{self.name}({self.value})"


def _constant(value: float) -> _Object:
    return _Object("initializers", "Constant", value)


def _l1(value: float) -> _Object:
    return _Object("regularizers", "L1", value)


def _l2(value: float) -> _Object:
    return _Object("regularizers", "L2", value)


@dataclasses.dataclass(frozen=True)
class _Case:
    layer: str
    arguments: dict[str, object] = dataclasses.field(default_factory=dict)
    x: tuple[Shape, ...] = ((4, 4),)  # the shape of each input
    training: bool = False
    mask: Shape | None = None
    left_out: float | None = None  # what x is where the mask leaves it out

    def has(self, module: str) -> bool:
        return any(isinstance(value, _Object) and value.module == module for value in self.arguments.values())


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

_IMAGES = ((2, 4, 5, 2),)
_SMALL = ((2, 3, 3, 2),)
_ONE = ((1, 3, 3, 2),)
_GROUPED = ((2, 3, 3, 4),)

_IMAGE_CASES: dict[str, _Case] = {
    "conv2d": _Case("Conv2D", {"filters": 3, "kernel_size": 3}, _IMAGES),
    "conv2d_kernel_size": _Case("Conv2D", {"filters": 2, "kernel_size": (2, 4)}, _IMAGES),
    "conv2d_strides": _Case("Conv2D", {"filters": 2, "kernel_size": 3, "strides": (2, 1)}, _IMAGES),
    "conv2d_same": _Case("Conv2D", {"filters": 2, "kernel_size": (3, 2), "padding": "same"}, _IMAGES),
    "conv2d_same_strides": _Case(
        "Conv2D", {"filters": 2, "kernel_size": 3, "strides": (2, 3), "padding": "same"}, _IMAGES
    ),
    "conv2d_dilation_rate": _Case("Conv2D", {"filters": 2, "kernel_size": 2, "dilation_rate": (3, 2)}, _IMAGES),
    "conv2d_same_dilation_rate": _Case(
        "Conv2D", {"filters": 2, "kernel_size": 3, "padding": "same", "dilation_rate": 2}, _IMAGES
    ),
    "conv2d_groups": _Case("Conv2D", {"filters": 6, "kernel_size": 2, "groups": 2}, _GROUPED),
    "conv2d_groups_of_one": _Case("Conv2D", {"filters": 4, "kernel_size": 2, "groups": 4}, _GROUPED),
    "conv2d_activation": _Case("Conv2D", {"filters": 2, "kernel_size": 1, "activation": "tanh"}, ((2, 2, 3, 2),)),
    "conv2d_no_bias": _Case("Conv2D", {"filters": 2, "kernel_size": (4, 5), "use_bias": False}, _IMAGES),
    "conv2d_weights": _Case(
        "Conv2D",
        {
            "filters": 2,
            "kernel_size": 2,
            "kernel_initializer": _constant(0.375),
            "bias_initializer": _constant(-0.25),
            "kernel_regularizer": _l2(0.5),
            "bias_regularizer": _l1(0.25),
            "activity_regularizer": _l1(0.125),
        },
        _SMALL,
    ),
    "conv2d_groups_same_strides": _Case(
        "Conv2D", {"filters": 2, "kernel_size": 2, "strides": 2, "padding": "same", "groups": 2}, _GROUPED
    ),
    "conv2d_groups_same_dilation_rate": _Case(
        "Conv2D", {"filters": 2, "kernel_size": 2, "padding": "same", "dilation_rate": (1, 2), "groups": 2}, _GROUPED
    ),
    "depthwise_conv2d": _Case("DepthwiseConv2D", {"kernel_size": (3, 2)}, _IMAGES),
    "depthwise_conv2d_strides": _Case("DepthwiseConv2D", {"kernel_size": 2, "strides": 2}, _IMAGES),
    "depthwise_conv2d_same": _Case("DepthwiseConv2D", {"kernel_size": 3, "strides": 2, "padding": "same"}, _IMAGES),
    "depthwise_conv2d_depth_multiplier": _Case("DepthwiseConv2D", {"kernel_size": 2, "depth_multiplier": 3}, _IMAGES),
    "depthwise_conv2d_dilation_rate": _Case("DepthwiseConv2D", {"kernel_size": 2, "dilation_rate": (2, 3)}, _IMAGES),
    "depthwise_conv2d_activation": _Case(
        "DepthwiseConv2D", {"kernel_size": 2, "activation": "sigmoid", "use_bias": False}, _IMAGES
    ),
    "depthwise_conv2d_same_unit_strides": _Case("DepthwiseConv2D", {"kernel_size": (2, 3), "padding": "same"}, _SMALL),
    "depthwise_conv2d_unequal_strides": _Case("DepthwiseConv2D", {"kernel_size": 2, "strides": (1, 2)}, _SMALL),
    "depthwise_conv2d_strides_dilation_rate": _Case(
        "DepthwiseConv2D", {"kernel_size": 2, "strides": 2, "dilation_rate": (2, 3)}, ((1, 4, 5, 2),)
    ),
    "depthwise_conv2d_weights": _Case(
        "DepthwiseConv2D",
        {
            "kernel_size": 2,
            "depthwise_initializer": _constant(0.375),
            "bias_initializer": _constant(-0.25),
            "depthwise_regularizer": _l2(0.5),
            "bias_regularizer": _l1(0.25),
            "activity_regularizer": _l2(0.125),
        },
        _SMALL,
    ),
    "max_pooling2d": _Case("MaxPooling2D", {}, _IMAGES),
    "max_pooling2d_strides": _Case("MaxPooling2D", {"pool_size": (3, 2), "strides": (1, 2)}, _IMAGES),
    "max_pooling2d_same": _Case("MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, _IMAGES),
    "max_pooling2d_same_unit_strides": _Case(
        "MaxPooling2D", {"pool_size": (3, 2), "strides": 1, "padding": "same"}, _ONE
    ),
    "max_pooling2d_same_default_strides": _Case("MaxPooling2D", {"padding": "same"}, _ONE),
    "average_pooling2d": _Case("AveragePooling2D", {"pool_size": 2}, _IMAGES),
    "average_pooling2d_strides": _Case("AveragePooling2D", {"pool_size": (3, 2), "strides": (1, 2)}, _IMAGES),
    "average_pooling2d_same": _Case("AveragePooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, _IMAGES),
    "average_pooling2d_same_unit_strides": _Case(
        "AveragePooling2D", {"pool_size": (3, 2), "strides": 1, "padding": "same"}, _ONE
    ),
    "average_pooling2d_same_default_strides": _Case("AveragePooling2D", {"pool_size": 2, "padding": "same"}, _ONE),
    "global_average_pooling2d": _Case("GlobalAveragePooling2D", {}, _IMAGES),
    "global_average_pooling2d_keepdims": _Case("GlobalAveragePooling2D", {"keepdims": True}, _IMAGES),
    "global_max_pooling2d": _Case("GlobalMaxPooling2D", {}, _IMAGES),
    "global_max_pooling2d_keepdims": _Case("GlobalMaxPooling2D", {"keepdims": True}, _IMAGES),
    "zero_padding2d": _Case("ZeroPadding2D", {}, ((2, 2, 3, 2),)),
    "zero_padding2d_pair": _Case("ZeroPadding2D", {"padding": (1, 2)}, ((2, 2, 3, 2),)),
    "zero_padding2d_sides": _Case("ZeroPadding2D", {"padding": ((1, 0), (2, 3))}, ((2, 2, 3, 2),)),
    "batch_normalization": _Case("BatchNormalization", {}, ((2, 2, 3, 2),)),
    "batch_normalization_training": _Case("BatchNormalization", {}, ((2, 2, 3, 2),), training=True),
    "batch_normalization_axis": _Case("BatchNormalization", {"axis": 1}, ((2, 2, 3, 2),), training=True),
    "batch_normalization_momentum": _Case(
        "BatchNormalization", {"momentum": 0.75, "epsilon": 0.125}, ((5, 4),), training=True
    ),
    "batch_normalization_no_center": _Case("BatchNormalization", {"center": False}, ((5, 4),), training=True),
    "batch_normalization_no_scale": _Case("BatchNormalization", {"scale": False}, ((5, 4),), training=True),
    "batch_normalization_plain": _Case("BatchNormalization", {"center": False, "scale": False}, ((5, 4),)),
    "batch_normalization_frozen": _Case("BatchNormalization", {"trainable": False}, ((5, 4),), training=True),
    "batch_normalization_mask": _Case("BatchNormalization", {}, ((4, 3, 2),), training=True, mask=(4, 3)),
    "batch_normalization_mask_nan": _Case(
        "BatchNormalization", {}, ((4, 3, 2),), training=True, mask=(4, 3), left_out=np.nan
    ),
    "batch_normalization_axis_inference": _Case("BatchNormalization", {"axis": 1}, ((2, 2, 3, 2),)),
    "batch_normalization_plain_training": _Case(
        "BatchNormalization", {"center": False, "scale": False}, ((5, 2),), training=True
    ),
    "batch_normalization_weights": _Case(
        "BatchNormalization",
        {
            "beta_initializer": _constant(0.375),
            "gamma_initializer": _constant(-0.25),
            "moving_mean_initializer": _constant(0.75),
            "moving_variance_initializer": _constant(2.5),
            "beta_regularizer": _l1(0.25),
            "gamma_regularizer": _l2(0.5),
        },
        ((3, 2),),
    ),
}


def make() -> Golden:
    return _golden(_CASES)


def make_images() -> Golden:
    """Those of images, and BatchNormalization."""
    return _golden(_IMAGE_CASES)


def _golden(cases: dict[str, _Case]) -> Golden:
    keras.config.set_floatx("float64")
    golden = Golden()
    for name, case in cases.items():
        call = call_text(case.layer, [], case.arguments) + ("(x, training=True)" if case.training else "")
        golden.add(name, call, _evaluate(name, case))
    return golden


def _evaluate(name: str, case: _Case) -> dict[str, np.ndarray]:
    arguments = {
        name: value.make() if isinstance(value, _Object) else value for name, value in case.arguments.items()
    }
    layer = getattr(keras.layers, case.layer)(**arguments)
    names = ["x"] if len(case.x) == 1 else [f"x_{i}" for i in range(len(case.x))]
    x = {key: inputs(f"layers/{name}/{key}", *shape) for key, shape in zip(names, case.x)}
    layer.build(case.x[0] if len(case.x) == 1 else list(case.x))
    initial = {f"initial_{weight.name}": np.asarray(weight.value) for weight in layer.variables}
    weights = {
        weight.name: inputs(f"layers/{name}/{weight.name}", *weight.shape) for weight in layer.trainable_variables
    }
    state = {  # moving statistics: positive, as variances are
        variable.name: np.abs(inputs(f"layers/{name}/{variable.name}", *variable.shape)) + 0.25
        for variable in layer.non_trainable_variables
        if variable.name != "seed_generator_state"
    }
    options: dict[str, object] = {"training": True} if case.training else {}
    mask = {}
    if case.mask is not None:
        mask["mask"] = inputs(f"layers/{name}/mask", *case.mask) > -0.25
        options |= mask
        if case.left_out is not None:
            x["x"][~mask["mask"]] = case.left_out

    def run(**sources: object) -> tuple[object, list[object]]:
        values = [sources[key] for key in names]
        trainable = [sources[key] for key in weights]
        others = [state.get(variable.name, variable.value) for variable in layer.non_trainable_variables]
        return layer.stateless_call(
            trainable, others, values[0] if len(values) == 1 else values, **options
        )

    output, new_state = run(**x, **weights)
    moved = {f"new_{key}": np.asarray(value) for key, value in zip(state, new_state)} if case.training else {}
    cotangent = inputs(f"layers/{name}/cotangent", *output.shape)
    values = value_and_gradients(lambda **sources: run(**sources)[0], x | weights, cotangent)
    own = initial if case.has("initializers") else {}
    if case.has("regularizers"):
        for variable in layer.trainable_variables:
            variable.assign(weights[variable.name])
        layer(x["x"], **options)  # stateless_call() passes over the activity's
        own["losses"] = np.array([float(loss) for loss in layer.losses])
    return x | weights | state | mask | {"cotangent": cotangent} | values | moved | own
