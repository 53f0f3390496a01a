#!/usr/bin/env bash
# shellcheck disable=SC2317  # the trap calls restore
# The Python environment build/python/NAME with exactly the packages that REQUIREMENTS pins, made once. When the pins change it is
# made anew, beside the old one, which stays in its place where that fails. Exit status 1 where there is none with these pins.
set -euo pipefail
if [ $# -ne 2 ] || ! [[ $1 =~ ^[A-Za-z0-9_]+$ ]]; then
  echo "usage: scripts/python.sh NAME REQUIREMENTS" >&2
  exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$root/build/python/$1
requirements=$2
[ -f "$requirements" ] || { echo "python: expected a file of requirements, got $requirements" >&2; exit 2; }
stamp=requirements.sha256  # in the folder, written last

if [ -f "$folder/$stamp" ] && [ "$(cut -d ' ' -f 1 "$folder/$stamp")" = "$(sha256sum < "$requirements" | cut -d ' ' -f 1)" ]; then exit 0; fi
kept=$folder.before
log=$root/build/python_$1.log
mkdir -p "$root/build/python"
# An environment knows its place, so the old one makes room and comes back; also after a run that was killed.
if [ -f "$folder/$stamp" ]; then
  rm -rf "$kept"
  mv "$folder" "$kept"
fi
restore() {
  [ -d "$kept" ] || return 0
  rm -rf "$folder"
  mv "$kept" "$folder"
}
trap restore EXIT
trap 'exit 1' INT TERM HUP
echo "python: making build/python/$1 from $requirements"
for attempt in 1 2 3; do
  rm -rf "$folder"
  if python3 -m venv "$folder" > "$log" 2>&1 &&
    "$folder/bin/python" -m pip install --disable-pip-version-check --only-binary :all: --requirement "$requirements" >> "$log" 2>&1; then
    sha256sum "$(realpath "$requirements")" > "$folder/$stamp"
    rm -rf "$kept"
    exit 0
  fi
  echo "python: attempt $attempt failed: $(grep -i error "$log" | tail -n 1)" >&2
  sleep "$attempt"
done
rm -rf "$folder"
if [ -d "$kept" ]; then what="the one with other pins stays"; else what="what needs it will be skipped"; fi
echo "python: build/python/$1 could not be made (the log is build/python_$1.log); $what" >&2
exit 1
