#!/usr/bin/env bash
# tools/format.sh formats every C++ file of the tree; with --check it changes nothing and fails where a file would change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
format=$(command -v clang-format-14 || command -v clang-format) || { echo "format: clang-format is not installed" >&2; exit 1; }
mode=(-i)
[ "${1-}" != --check ] || mode=(--dry-run --Werror)
folders=()
for folder in include src cuda models examples benchmarks tools tests; do [ ! -d "$folder" ] || folders+=("$folder"); done
find "${folders[@]}" -name '*.h' -o -name '*.inl' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh' |
  sort | xargs -r "$format" "${mode[@]}"
