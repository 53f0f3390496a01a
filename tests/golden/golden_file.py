"""Golden values: what one file holds, how it is written, read and compared."""

import dataclasses
import importlib.metadata
import io
import json
import pathlib
import platform
import zipfile
from collections.abc import Mapping, Sequence

import numpy as np

_PACKAGES = ("keras", "tensorflow-cpu", "jax", "torch", "numpy")
_ABOUT = "about.json"


@dataclasses.dataclass
class Golden:
    """Arrays by name, and for each case the call of Keras that made it (shown in CASES.md)."""

    entries: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    calls: dict[str, str] = dataclasses.field(default_factory=dict)

    def put(self, **values: np.ndarray | float) -> None:
        """Arrays that several cases share."""
        self._put({name: np.asarray(value) for name, value in values.items()})

    def add(self, case: str, call: str, values: Mapping[str, np.ndarray | float]) -> None:
        """The arrays of one case, named <case>/<value>."""
        self.calls[case] = call
        self._put({f"{case}/{name}": np.asarray(value) for name, value in values.items()})

    def merge(self, other: "Golden") -> "Golden":
        self._put(other.entries)
        self.calls |= other.calls
        return self

    def _put(self, entries: Mapping[str, np.ndarray]) -> None:
        twice = self.entries.keys() & entries.keys()
        if twice:
            raise ValueError(f"golden values named twice: {sorted(twice)}")
        self.entries |= entries


def call_text(function: str, values: Sequence[str], arguments: Mapping[str, object]) -> str:
    """The call as a reader of Keras would write it: values by the names they have in the file, then the arguments."""
    return f"{function}({', '.join([*values, *(f'{name}={value!r}' for name, value in arguments.items())])})"


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in _PACKAGES}


def write(path: pathlib.Path, golden: Golden) -> None:
    """An uncompressed .npz, its bytes decided by its content alone, with about.json in it: script, versions, calls."""
    about = {"script": "tests/golden/generate.py", "versions": versions(), "calls": golden.calls}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        _write_member(archive, _ABOUT, json.dumps(about, indent=1).encode())
        for name, values in golden.entries.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(values).reshape(values.shape), version=(1, 0))
            _write_member(archive, f"{name}.npy", buffer.getvalue())


def _write_member(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), data)


def read(path: pathlib.Path) -> Golden:
    with np.load(path) as archive:
        entries = {name: archive[name] for name in archive.files if name != _ABOUT}
        return Golden(entries, json.loads(archive[_ABOUT])["calls"])


def differences(expected: Golden, got: Golden) -> list[str]:
    """One line for each array that is missing, new or further away than another machine's rounding explains."""
    lines = [f"{name}: only in one of the files" for name in sorted(expected.entries.keys() ^ got.entries.keys())]
    for name in expected.entries.keys() & got.entries.keys():
        a, b = expected.entries[name], got.entries[name]
        if a.shape != b.shape or a.dtype != b.dtype:
            lines.append(f"{name}: expected {a.dtype}{a.shape}, got {b.dtype}{b.shape}")
        elif not _close(a, b, _tolerance(name, a.dtype)):
            lines.append(
                f"{name}: differs by {np.max(np.abs(a - b)):.3g}, its largest value is {np.max(np.abs(a)):.3g}"
            )
    return lines


def _tolerance(name: str, dtype: np.dtype) -> float:
    if name.startswith("spread/"):  # a distance between roundings is itself of the order of its roundings
        return 1.0
    if name.startswith("mixed_"):  # backends round 16-bit numbers at different places
        return 3e-2 if name.startswith("mixed_bfloat16/") else 5e-3
    if name.startswith("float32/"):  # 200 steps carry the rounding further, Adam across a relu
        return 1e-3
    return {np.dtype(np.float64): 1e-10, np.dtype(np.float32): 1e-5}.get(dtype, 0.0)


def _close(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    if a.dtype == bool:
        return np.array_equal(a, b)
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return False
    scale = np.max(np.abs(a[finite]), initial=0.0)
    return bool(np.all(np.abs(a[finite] - b[finite]) <= tolerance * scale))
