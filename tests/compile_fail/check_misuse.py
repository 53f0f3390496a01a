"""Compiles one file of tests/compile_fail several ways: as it is it must compile; with each MISUSE it must not, for the right reason.

check_misuse.py FILE COMPILER FLAG…

A misuse is a block of the file, and its first line says what is wrong and what the compiler's message must match:
    #if MISUSE == 2  // a fraction for a count: regular expression
"""
import pathlib
import re
import subprocess
import sys

MISUSE = re.compile(r"^#(?:el)?if MISUSE == (\d+)  // (.*?): (.*)$", re.MULTILINE)


def compile_with(file, command, misuse):
    result = subprocess.run([*command, f"-DMISUSE={misuse}", "-fsyntax-only", file], capture_output=True, text=True, check=False)
    return result.returncode, result.stderr


def problems(file, command):
    cases = MISUSE.findall(pathlib.Path(file).read_text(encoding="utf-8"))
    if not cases:
        yield "expected at least one block '#if MISUSE == 1  // what is wrong: regular expression'"
    status, errors = compile_with(file, command, 0)
    if status:
        yield f"expected the file to compile without a misuse, got\n{errors}"
        return
    for number, what, expected in cases:
        status, errors = compile_with(file, command, number)
        if status == 0:
            yield f"{what}: expected an error that matches '{expected}', but it compiles"
        elif not re.search(expected, errors):
            yield f"{what}: expected an error that matches '{expected}', got\n{errors}"
        else:
            print(f"refused as it should be: {what}")


def main():
    file, *command = sys.argv[1:]
    found = list(problems(file, command))
    for problem in found:
        print(f"{file}: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
