#!/usr/bin/env bash
# run_example.sh PROGRAM PATTERN: it must succeed and print a line that matches.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$1" | tee output
grep -qE -- "$2" output || { echo "expected a line that matches: $2"; exit 1; }
