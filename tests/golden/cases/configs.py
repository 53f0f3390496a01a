"""Configurations: what to_json() writes for models, and serialize() for each object, as the bytes of JSON."""

import json

import keras
import numpy as np

from golden_file import Golden

L = keras.layers

_OBJECTS: dict[str, list[str]] = {
    "initializers": [
        "Constant",
        "GlorotNormal",
        "GlorotUniform",
        "HeNormal",
        "HeUniform",
        "Identity",
        "LecunNormal",
        "LecunUniform",
        "Ones",
        "Orthogonal",
        "RandomNormal",
        "RandomUniform",
        "TruncatedNormal",
        "VarianceScaling",
        "Zeros",
    ],
    "regularizers": ["L1", "L2", "L1L2"],
    "losses": [
        "BinaryCrossentropy",
        "CategoricalCrossentropy",
        "MeanAbsoluteError",
        "MeanSquaredError",
        "SparseCategoricalCrossentropy",
    ],
    "metrics": [
        "BinaryAccuracy",
        "BinaryCrossentropy",
        "CategoricalAccuracy",
        "CategoricalCrossentropy",
        "Mean",
        "MeanAbsoluteError",
        "MeanSquaredError",
        "SparseCategoricalAccuracy",
        "SparseCategoricalCrossentropy",
        "SparseTopKCategoricalAccuracy",
        "TopKCategoricalAccuracy",
    ],
    "optimizers": ["Adagrad", "Adam", "AdamW", "RMSprop", "SGD"],
    "layers": [
        "Activation",
        "Add",
        "AveragePooling2D",
        "BatchNormalization",
        "Concatenate",
        "Conv2D",
        "Dense",
        "DepthwiseConv2D",
        "Dropout",
        "Flatten",
        "GlobalAveragePooling2D",
        "GlobalMaxPooling2D",
        "InputLayer",
        "LeakyReLU",
        "MaxPooling2D",
        "ReLU",
        "Rescaling",
        "Reshape",
        "Softmax",
        "ZeroPadding2D",
    ],
}
# What has no default.
_ARGUMENTS: dict[str, dict[str, object]] = {
    "Activation": {"activation": "linear"},
    "AveragePooling2D": {"pool_size": 2},
    "Conv2D": {"filters": 1, "kernel_size": 1},
    "Dense": {"units": 1},
    "DepthwiseConv2D": {"kernel_size": 1},
    "Dropout": {"rate": 0.0},
    "InputLayer": {"shape": (), "name": "input_layer"},
    "Rescaling": {"scale": 1.0},
    "Reshape": {"target_shape": ()},
}


def make() -> Golden:
    golden = Golden()
    for make_model in (_sequential, _convolutional, _unbuilt, _nested_sequential, _functional, _compiled, _compiled_by_output):
        keras.utils.clear_session()
        golden.add(make_model.__name__[1:], "to_json()", {"document": _bytes(json.loads(make_model().to_json()))})
    for module, names in _OBJECTS.items():
        objects = [getattr(getattr(keras, module), name)(**_ARGUMENTS.get(name, {})) for name in names]
        golden.add(module, "serialize()", {"document": _bytes([keras.saving.serialize_keras_object(o) for o in objects])})
    return golden


def _bytes(document: object) -> np.ndarray:
    return np.frombuffer(json.dumps(document, separators=(",", ":")).encode(), np.uint8)


def _sequential() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((4, 4, 1), dtype="uint8"),
            L.Rescaling(1 / 255, offset=-0.5),
            L.Flatten(data_format="channels_first"),
            L.Dense(
                8,
                activation="relu",
                kernel_initializer="he_normal",
                bias_initializer=keras.initializers.Constant(0.25),
                kernel_regularizer="l2",
                bias_regularizer=keras.regularizers.L1L2(0.5, 0.25),
                activity_regularizer=keras.regularizers.L1(0.125),
            ),
            L.Dropout(0.5, seed=3, noise_shape=(None, 1)),
            L.Reshape((-1, 4)),
            L.ReLU(max_value=6.0, negative_slope=0.125),
            L.LeakyReLU(negative_slope=0.25),
            L.Activation("swish"),
            L.Flatten(trainable=False),
            L.Dense(3, use_bias=False, name="logits", dtype="float64"),
            L.Softmax(axis=1),
        ]
    )


def _convolutional() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((12, 10, 4)),
            L.ZeroPadding2D(((1, 0), (2, 3))),
            L.Conv2D(
                6,
                (3, 2),
                strides=(2, 1),
                padding="same",
                groups=2,
                activation="relu",
                kernel_initializer="he_normal",
                bias_initializer=keras.initializers.Constant(0.25),
                kernel_regularizer="l2",
                bias_regularizer=keras.regularizers.L1L2(0.5, 0.25),
                activity_regularizer=keras.regularizers.L1(0.125),
            ),
            L.BatchNormalization(
                axis=1,
                momentum=0.75,
                epsilon=0.125,
                center=False,
                gamma_initializer=keras.initializers.Constant(0.5),
                moving_variance_initializer=keras.initializers.Constant(2.0),
                gamma_regularizer="l1",
            ),
            L.MaxPooling2D((2, 3), strides=(1, 2), padding="same"),
            L.DepthwiseConv2D(
                2,
                depth_multiplier=2,
                dilation_rate=(1, 2),
                use_bias=False,
                depthwise_initializer="ones",
                depthwise_regularizer="l1",
            ),
            L.BatchNormalization(scale=False, beta_initializer="ones", beta_regularizer="l2", trainable=False),
            L.Conv2D(4, 2, padding="SAME", dilation_rate=(1, 2), use_bias=False),
            L.DepthwiseConv2D(
                2,
                strides=2,
                padding="same",
                activation="tanh",
                depthwise_initializer=keras.initializers.Constant(0.5),
                bias_initializer="ones",
                depthwise_regularizer=keras.regularizers.L2(0.25),
                bias_regularizer="l1",
                activity_regularizer="l2",
            ),
            L.BatchNormalization(
                beta_initializer=keras.initializers.Constant(0.125),
                moving_mean_initializer=keras.initializers.Constant(0.75),
                beta_regularizer="l1",
                gamma_regularizer=keras.regularizers.L2(0.5),
            ),
            L.AveragePooling2D((2, 1), strides=(1, 2), padding="same"),
            L.GlobalMaxPooling2D(keepdims=True),
            L.GlobalAveragePooling2D(keepdims=True),
        ],
        name="convolutional",
    )


def _unbuilt() -> keras.Model:
    return keras.Sequential([L.Dense(3), L.Dense(2)], name="unbuilt")


def _nested_sequential() -> keras.Model:
    inner = keras.Sequential([keras.Input((8,)), L.Dense(4)], name="inner")
    return keras.Sequential([keras.Input((4,)), L.Dense(8), inner, L.Dense(2)], trainable=False)


def _functional() -> keras.Model:
    """Shared layers, a nested model called twice, several inputs and outputs."""
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = L.Dense(4, activation="tanh", name="shared")
    added = L.Add()([shared(a), shared(shared(b)), a])
    joined = L.Concatenate(axis=-1)([added, b])
    x = keras.Input((8,))
    inner = keras.Model(x, [L.Dense(8)(x), L.Dense(1)(x)], name="inner")
    y, _ = inner(joined)
    _, z = inner(y)
    return keras.Model([b, a], [z, L.Dropout(0.25)(y, training=True), added], name="several")


def _single() -> keras.Model:
    x = keras.Input((4,), name="x")
    return keras.Model(x, L.Dense(3, activation="softmax", name="y")(L.Dense(4, name="h")(x)), name="single")


def _compiled() -> keras.Model:
    model = _single()
    model.compile(
        optimizer=keras.optimizers.RMSprop(0.25, rho=0.75, momentum=0.5, centered=True, clipnorm=1.5),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum"),
        metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(k=2, name="top2")],
        weighted_metrics=[keras.metrics.SparseCategoricalCrossentropy(from_logits=True)],
    )
    return model


def _compiled_by_output() -> keras.Model:
    x = keras.Input((4,), name="x")
    model = keras.Model(x, [L.Dense(3, name="y")(x), L.Dense(1, name="z")(x)], name="by_output")
    model.compile(
        optimizer="adamw",
        loss={"y": "mse", "z": keras.losses.BinaryCrossentropy(label_smoothing=0.25)},
        loss_weights={"y": 0.5, "z": 2.0},
        metrics={"y": ["mae"], "z": [keras.metrics.BinaryAccuracy(threshold=0.25)]},
    )
    return model
