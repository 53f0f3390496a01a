#!/usr/bin/env python3
"""Lines per folder, files over 400 lines and functions over 50: places to look, not errors.

tools/count_lines.py [ROOT]
"""
import collections
import pathlib
import re
import sys

FILE_LIMIT, FUNCTION_LIMIT = 400, 50
SUFFIXES = {".h", ".inl", ".cpp", ".cu", ".cuh", ".py", ".sh", ".cmake", ".md"}
TOPS = ("include", "src", "cuda", "models", "examples", "benchmarks", "tests", "tools", "scripts", "cmake", "docs")


def folder_of(path):
    """The row a file is counted in: src and tests by their folders, the rest by the top."""
    parts = path.parts
    return "/".join(parts[:2]) if parts[0] in ("src", "tests") and len(parts) > 2 else parts[0]


def long_functions(lines):
    """Functions of clang-format's shape: a body from a line ending in '{' to the '}' of the same indent."""
    opened = {}
    for number, line in enumerate(lines, 1):
        indent = len(line) - len(line.lstrip())
        text = line.strip()
        if text.endswith("{") and not re.match(r"(inline )?(namespace|class|struct|enum|extern|template|union)\b", text) and "(" in text:
            opened[indent] = number, text
        elif text.startswith("}") and indent in opened:
            start, head = opened.pop(indent)
            if number - start + 1 > FUNCTION_LIMIT and not re.match(r"(if|for|while|switch|\})\b", head):
                yield start, number - start + 1, head


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    counts, remarks = collections.Counter(), []
    for top in TOPS:
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SUFFIXES:
                continue
            path = file.relative_to(root)
            lines = file.read_text(encoding="utf-8").splitlines()
            counts[folder_of(path)] += len(lines)
            if len(lines) > FILE_LIMIT and file.suffix != ".md":
                remarks.append(f"{path}: {len(lines)} lines")
            if file.suffix in {".h", ".inl", ".cpp", ".cu", ".cuh"}:
                remarks += [f"{path}:{start}: a function of {length} lines: {head}" for start, length, head in long_functions(lines)]
    for folder, count in sorted(counts.items()):
        print(f"{count:7}  {folder}")
    print(f"{sum(counts.values()):7}  in all")
    if remarks:
        print(f"\nover {FILE_LIMIT} lines a file or {FUNCTION_LIMIT} a function:", *remarks, sep="\n  ")


if __name__ == "__main__":
    main()
