#!/usr/bin/env python3
"""Who may include whom: the table of docs/architecture.md, section 6.1, checked over the tree.

tools/check_includes.py [ROOT] prints one line per violation and exits 1 if there is any.
"""
import pathlib
import re
import sys

# A folder may include itself, the folders named here, and include/keratin. The longest matching key holds for a file.
EVERYTHING = "base graph ops layers losses metrics optimizers functional compiler runtime simd cpu data distributed training formats callbacks"
MAY_INCLUDE = {
    "src/base": "",
    "src/graph": "base",
    "src/ops": "graph base",
    "src/layers": "ops graph base",
    "src/losses": "ops graph base",
    "src/metrics": "ops graph base",
    "src/optimizers": "ops graph base",
    "src/functional": "layers graph base",
    "src/compiler": "ops graph base",
    "src/runtime": "compiler graph base",
    "src/simd": "ops graph base",
    "src/cpu": "simd runtime compiler ops graph base",
    "cuda": "runtime compiler ops graph base stand_in",
    "src/data": "base",
    "src/distributed": "runtime base",
    "src/training": "functional layers losses metrics optimizers compiler runtime data distributed ops graph base",
    "src/formats": "functional training graph ops base",
    "src/formats/onnx": "graph ops base",
    "src/api": EVERYTHING,
    "src/callbacks": "",
    "models": "",
    "examples": "models",
    "benchmarks": "models support",
    "tools": EVERYTHING,
    "tests": EVERYTHING + " api cuda models examples support stand_in elementwise",
    "include/keratin": "",
}

# Where each library that is not ours may appear. What is not matched here is the language's or the system's.
THIRD_PARTY = {
    r"Eigen/|unsupported/Eigen": ["src/cpu", "include/keratin/interop/eigen.h", "tests"],
    r"zlib\.h": ["src/base", "tests", "benchmarks"],
    r"nlohmann/": ["src/graph", "src/layers", "src/functional", "src/training", "src/formats", "src/api", "benchmarks",
                   "tests"],
    r"google/protobuf|onnx/|.*\.pb\.h": ["src/formats/onnx", "tests"],
    r"cuda(?!/)|cublas|cudnn|nccl|nvrtc|curand|cub/|thrust/|vector_functions\.h": ["cuda", "tests/cuda"],
    r"mpi\.h": ["src/distributed/mpi", "tests"],
    r"hdf5|H5|zip\.h": ["src/formats/keras", "tests"],
    r"CLI/": ["examples"],
    r"gtest/|gmock/": ["tests"],
    r"benchmark/": ["benchmarks"],
}

# A missing component is an absent plugin that says why; only base and cuda know of the preprocessor's switches.
FEATURE_SWITCH = re.compile(r"^\s*#\s*(?:el)?if(?:n?def)?\b.*(?:CUDA|MPI|ONNX|HDF5|KERATIN_(?:WITH|HAS|HAVE)_)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
SUFFIXES = {".h", ".inl", ".cpp", ".cu", ".cuh"}


def is_below(path, folders):
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def rule_of(path):
    """The key of MAY_INCLUDE that holds for a file, or None for a folder the table does not know."""
    keys = [key for key in MAY_INCLUDE if is_below(path, [key])]
    return max(keys, key=len) if keys else None


def check_include(path, rule, quote, header):
    """Why this include is not allowed, or None."""
    for pattern, folders in THIRD_PARTY.items():
        if re.match(pattern, header):
            if is_below(path, folders):
                return None
            return f"{header} belongs to {', '.join(folders)} alone"
    if ".." in header.split("/"):
        return f'{header}: say "folder/file.h", not a relative path'
    if header.startswith("keratin/"):
        if path == "include/keratin/keratin.h" and header.startswith("keratin/interop/"):
            return "keratin.h includes no header that needs a library of others"
        return None
    if quote == "<":
        return None
    folder = header.split("/")[0] if "/" in header else ""
    allowed = MAY_INCLUDE[rule].split()
    own = header.startswith(rule.removeprefix("src/") + "/")
    beside = not folder and not rule.startswith(("src", "include"))
    if own or folder in allowed or beside:
        return None
    return f"{rule} may not include {header}; it may include: {', '.join(['include/keratin', *allowed])}"


def check_file(root, path):
    """The violations of one file as (line, reason)."""
    rule = rule_of(path)
    if rule is None:
        yield 1, "no rule for this folder; add it to tools/check_includes.py and docs/architecture.md"
        return
    text = (root / path).read_text(encoding="utf-8")
    if path.endswith(".h") and "#pragma once" not in text:
        yield 1, "expected #pragma once"
    if rule == "include/keratin" and re.search(r"^namespace keratin\b", text, re.MULTILINE):
        yield 1, "a public header opens with namespace KERATIN_EXPORT keratin"
    for number, line in enumerate(text.splitlines(), 1):
        if match := INCLUDE.match(line):
            if reason := check_include(path, rule, *match.groups()):
                yield number, reason
        elif FEATURE_SWITCH.match(line) and not is_below(path, ["src/base", "cuda"]):
            yield number, "a feature switch outside cuda/ and base/: let CMake choose a file or a null object"


def check_umbrella(root):
    """keratin.h includes every public header of its folder; those in subfolders come by theirs."""
    umbrella = root / "include/keratin/keratin.h"
    if umbrella.exists():
        text = umbrella.read_text(encoding="utf-8")
        for header in sorted((root / "include/keratin").glob("*.h")):
            name = f"keratin/{header.name}"
            if header.name not in ("keratin.h", "export.h", "testing.h") and f'"{name}"' not in text:
                yield f"include/keratin/keratin.h:1: expected it to include {name}"


def violations(root):
    yield from check_umbrella(root)
    for top in ("include", "src", "cuda", "models", "examples", "benchmarks", "tools", "tests"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in SUFFIXES:
                path = file.relative_to(root).as_posix()
                if not is_below(path, ["tests/install", "tests/compile_fail"]):  # programs of their own: a user's view
                    yield from (f"{path}:{line}: {reason}" for line, reason in check_file(root, path))


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    if not (root / "include/keratin").is_dir():
        sys.exit(f"check_includes: expected a checkout of Keratin, got {root}")
    found = list(violations(root))
    print("\n".join(found) if found else "check_includes: no violation")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
