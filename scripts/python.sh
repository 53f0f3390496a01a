#!/usr/bin/env bash
# scripts/python.sh NAME REQUIREMENTS: the Python environment build/python/NAME with exactly the packages that REQUIREMENTS pins.
# Made once, and again when the pins change; then no network is needed. Exit status 1 where it cannot be made.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$root/build/python/$1
requirements=$2
stamp=$folder/requirements.sha256

if [ -f "$stamp" ] && sha256sum --check --status "$stamp" 2> /dev/null; then exit 0; fi
rm -rf "$folder"
log=$root/build/python_$1.log
mkdir -p "$root/build"
echo "python: making build/python/$1 from $requirements"
for attempt in 1 2 3; do
  if python3 -m venv "$folder" > "$log" 2>&1 &&
    "$folder/bin/python" -m pip install --disable-pip-version-check --only-binary :all: --requirement "$requirements" >> "$log" 2>&1; then
    sha256sum "$(realpath "$requirements")" > "$stamp"
    exit 0
  fi
  echo "python: attempt $attempt failed: $(grep -i error "$log" | tail -n 1)" >&2
  sleep "$attempt"
done
rm -rf "$folder"
echo "python: build/python/$1 could not be made (the log is build/python_$1.log); what needs it will be skipped" >&2
exit 1
