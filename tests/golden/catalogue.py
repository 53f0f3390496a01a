"""CASES.md: what each golden file holds, written from the files themselves."""

import pathlib
from collections.abc import Iterable

import golden_file

_HEAD = """# The cases of the golden files

Written by `generate.py`; `README.md` says how the names are made and what the values mean. `name (3, 4)` is an array and
its shape; `case/name` is its name in the file. Everything is float64 (labels int64) unless its name or its file says
otherwise.
"""


def write(folder: pathlib.Path) -> None:
    sections = [_section(path) for path in sorted(folder.glob("*.npz"))]
    (folder / "CASES.md").write_text("\n".join([_HEAD, *sections]), encoding="utf-8")


def _section(path: pathlib.Path) -> str:
    golden = golden_file.read(path)
    shared = [_entry(name, array.shape) for name, array in golden.entries.items() if _case(name, golden.calls) is None]
    lines = [f"## {path.name}", ""]
    if shared:
        lines += [f"Shared: {', '.join(shared)}", ""]
    lines += ["| case | made by | arrays |", "|---|---|---|"]
    for case, call in golden.calls.items():
        names = [name for name in golden.entries if _case(name, [case])]
        arrays = [_entry(name.removeprefix(f"{case}/"), golden.entries[name].shape) for name in names]
        lines.append(f"| `{case}` | `{call}` | {', '.join(arrays)} |")
    return "\n".join(lines) + "\n"


def _case(name: str, cases: Iterable[str]) -> str | None:
    return next((case for case in cases if name.startswith(f"{case}/")), None)


def _entry(name: str, shape: tuple[int, ...]) -> str:
    return f"`{name}` {shape if shape else 'scalar'}".replace(",)", ")")
