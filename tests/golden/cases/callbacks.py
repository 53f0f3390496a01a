"""Keras's callbacks in a real fit, where a callback before them writes scripted values into each epoch's logs."""

import dataclasses
import pathlib
import tempfile

import keras
import numpy as np

from golden_file import Golden, call_text

_SAMPLES = 5  # batches of one: five steps an epoch
_NAN = float("nan")


@dataclasses.dataclass(frozen=True)
class _Case:
    callback: str
    arguments: dict[str, object]
    values: dict[str, list[float | None]]  # by name, an entry for each epoch; None: not in that epoch's logs


def _stopping(values: list[float], **arguments: object) -> _Case:
    return _Case("EarlyStopping", arguments, {"val_loss": values})


def _plateau(values: list[float], **arguments: object) -> _Case:
    return _Case("ReduceLROnPlateau", arguments, {"val_loss": values})


def _checkpoint(filepath: str, values: list[float], **arguments: object) -> _Case:
    return _Case("ModelCheckpoint", {"filepath": filepath} | arguments, {"val_loss": values})


_FALLING = [0.9, 0.8, 0.7, 0.6, 0.5]
_DIP = [0.9, 0.5, 0.6, 0.55, 0.7, 0.4, 0.3]
_FLAT = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
_NUMBERS = [0.1, 1 / 3, 1e-5, 1e-4, 123456789.125, 1e16, 2.0, 0.0, -2.5e-7, 1e22, _NAN, float("inf")]
_EPOCH = "{epoch:02d}.weights.h5"
_BEST = {"save_best_only": True, "save_weights_only": True}

_CASES: dict[str, _Case] = {
    "stopping_never": _stopping(_FALLING),
    "stopping_at_once": _stopping(_DIP),
    "stopping_flat": _stopping(_FLAT),
    "stopping_patience": _stopping(_DIP, patience=2),
    "stopping_patience_enough": _stopping(_DIP, patience=4),
    "stopping_restores": _stopping(_DIP, patience=2, restore_best_weights=True),
    "stopping_restores_without_stop": _stopping([0.9, 0.5, 0.6], patience=5, restore_best_weights=True),
    "stopping_min_delta": _stopping(_FALLING, min_delta=0.15, patience=2, restore_best_weights=True),
    "stopping_negative_min_delta": _stopping(_FALLING, min_delta=-0.15, patience=2),
    "stopping_max": _stopping(_DIP, mode="max", patience=1, restore_best_weights=True),
    "stopping_baseline": _stopping([0.9, 0.8, 0.85, 0.83, 0.7], baseline=0.3, patience=3, restore_best_weights=True),
    "stopping_baseline_beaten": _stopping(_DIP, baseline=0.55, patience=3, restore_best_weights=True),
    "stopping_start_from_epoch": _stopping(_DIP, start_from_epoch=3, restore_best_weights=True),
    "stopping_nan_first": _stopping([_NAN, 0.5, 0.4, 0.3], patience=2, restore_best_weights=True),
    "stopping_nan_later": _stopping([0.5, _NAN, 0.4, 0.3], patience=2, restore_best_weights=True),
    "stopping_accuracy": _Case(
        "EarlyStopping",
        {"monitor": "val_accuracy", "patience": 1, "restore_best_weights": True},
        {"val_accuracy": [0.5, 0.7, 0.6, 0.65, 0.9]},
    ),
    "plateau": _plateau(_FLAT, factor=0.5, patience=2),
    "plateau_patience_0": _plateau(_FLAT, factor=0.5, patience=0),
    "plateau_cooldown": _plateau(_FLAT + _FLAT, factor=0.5, patience=1, cooldown=2),
    "plateau_min_lr": _plateau(_FLAT, factor=0.5, patience=1, min_lr=0.1),
    "plateau_min_delta": _plateau(_FALLING + _FALLING, factor=0.5, patience=2, min_delta=0.15),
    "plateau_max": _plateau(_DIP, factor=0.5, patience=1, mode="max"),
    "checkpoint_every_epoch": _checkpoint(_EPOCH, _DIP, save_weights_only=True),
    "checkpoint_best": _checkpoint(_EPOCH, _DIP, **_BEST),
    "checkpoint_best_max": _checkpoint(_EPOCH, _DIP, mode="max", **_BEST),
    "checkpoint_threshold": _checkpoint(_EPOCH, _DIP, initial_value_threshold=0.45, **_BEST),
    "checkpoint_formats": _checkpoint(
        "{epoch}-{epoch:4d}-{val_loss:.3f}-{val_loss:8.2e}-{val_loss:g}.weights.h5", _DIP[:2], save_weights_only=True
    ),
    "checkpoint_braces": _checkpoint(
        "{{x}}-{epoch:>3}-{epoch:<3}-{epoch:03}.weights.h5", _DIP[:1], save_weights_only=True
    ),
    "checkpoint_batches": _checkpoint(
        "{epoch:02d}-{batch:02d}.weights.h5", _DIP[:3], save_freq=4, save_weights_only=True
    ),
    "csv": _Case("CSVLogger", {}, {"loss": _NUMBERS, "val_loss": _NUMBERS[::-1]}),
    "csv_without_validation": _Case("CSVLogger", {}, {"loss": [0.5, 0.25], "b": [1.0, 2.0], "a": [3.0, 4.0]}),
    "csv_late_validation": _Case("CSVLogger", {}, {"loss": [0.5, 0.25, 0.125], "val_loss": [None, 0.75, None]}),
    "csv_missing": _Case("CSVLogger", {}, {"loss": [0.5, 0.25], "val_loss": [0.5, None], "extra": [None, 1.0]}),
    "csv_separator": _Case("CSVLogger", {"separator": ";"}, {"loss": [0.5], "a;b": [1.0], 'say "a"': [2.0]}),
    "csv_append": _Case("CSVLogger", {"append": True}, {"loss": [0.5, 0.25]}),
}


class _Script(keras.callbacks.Callback):
    """Writes the values, and keeps the weights that each epoch ended with."""

    def __init__(self, values: dict[str, list[float | None]]) -> None:
        super().__init__()
        self._values = values
        self.weights: list[np.ndarray] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        self.weights.append(self.model.get_weights()[0])
        for name, values in self._values.items():
            if values[epoch] is not None:
                logs[name] = values[epoch]


def make() -> Golden:
    keras.config.set_floatx("float64")
    golden = Golden()
    for name, case in _CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            golden.add(
                name, call_text(case.callback, [], case.arguments), _values(case) | _run(case, pathlib.Path(folder))
            )
    return golden


def _values(case: _Case) -> dict[str, np.ndarray]:
    return {
        name: np.array([-1.0 if value is None else value for value in values])
        for name, values in case.values.items()
        if case.callback != "CSVLogger"  # whose file says it all
    }


def _run(case: _Case, folder: pathlib.Path) -> dict[str, np.ndarray]:
    if case.callback == "CSVLogger":
        for _ in range(2 if case.arguments.get("append") else 1):
            _fit(case, keras.callbacks.CSVLogger(folder / "log.csv", **case.arguments))
        return {"file": np.frombuffer((folder / "log.csv").read_bytes(), np.uint8)}
    if case.callback == "ModelCheckpoint":
        arguments = case.arguments | {"filepath": str(folder / str(case.arguments["filepath"]))}
        _fit(case, keras.callbacks.ModelCheckpoint(**arguments))
        names = "\n".join(sorted(path.name.removesuffix(".weights.h5") for path in folder.iterdir()))
        return {"files": np.frombuffer(names.encode(), np.uint8)}
    history, script, model = _fit(case, getattr(keras.callbacks, case.callback)(**case.arguments))
    if case.callback == "ReduceLROnPlateau":
        rates = [*history.history["learning_rate"], float(model.optimizer.learning_rate)]
        return {"learning_rates": np.array(rates)}
    kept = [epoch for epoch, weight in enumerate(script.weights) if np.array_equal(weight, model.get_weights()[0])]
    return {"epochs": np.int64(len(history.epoch)), "weights_of_epoch": np.int64(kept[0])}


def _fit(case: _Case, callback: keras.callbacks.Callback) -> tuple[keras.callbacks.History, _Script, keras.Model]:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones", use_bias=False)])
    model.compile(keras.optimizers.SGD(0.25), "mse", metrics=["accuracy"])
    script = _Script(case.values)
    ones = np.ones((_SAMPLES, 1))
    history = model.fit(
        ones,
        0.0 * ones,
        batch_size=1,
        epochs=len(next(iter(case.values.values()))),
        verbose=0,
        callbacks=[script, callback],
    )
    return history, script, model
