#!/usr/bin/env bash
# scripts/download.sh LIST FOLDER BASE…: fetches the files that LIST (lines of sha256sum) names into FOLDER, each from the first
# BASE address that has it, and verifies them. FOLDER appears when all are there; until then they grow in FOLDER.part, so that
# calling again resumes. Exit status: 0 done, 1 not reachable, 2 reachable but what came is not what LIST says.
set -euo pipefail

if [ $# -lt 3 ]; then
  echo "usage: scripts/download.sh LIST FOLDER BASE…" >&2
  exit 1
fi
list=$(realpath "$1") folder=${2%/} part=${2%/}.part
shift 2
readonly attempts=5  # per address and file: a dropped connection costs one, and only the bytes that were under way

verified() {  # <sha256> <file>
  echo "$1  $2" | sha256sum --check --status 2> /dev/null
}

# Grows <file> to what stands at <address>, resuming where it stopped. Returns curl's status.
fetch() {  # <address> <file>
  local progress=(--silent --show-error) attempt status=1
  [ ! -t 2 ] || progress=(--progress-bar)
  for ((attempt = 1; attempt <= attempts; attempt++)); do
    status=0
    curl "${progress[@]}" --fail --location --connect-timeout 15 --speed-limit 1000 --speed-time 30 \
      --continue-at - --output "$2" "$1" || status=$?
    case $status in
      0) return 0 ;;
      18 | 28 | 52 | 55 | 56 | 92) echo "download: the connection broke after $(stat -c %s "$2" 2> /dev/null || echo 0) bytes; resuming" >&2 ;;
      33) echo "download: the server cannot resume; starting again" >&2; rm -f "$2" ;;
      *) return "$status" ;;
    esac
    sleep "$((attempt - 1))"
  done
  return "$status"
}

# Fetches and verifies one file from the first address that has it.
obtain() {  # <sha256> <name> <base>…
  local sum=$1 name=$2 base result=1
  shift 2
  for base in "$@"; do
    echo "download: $name from $base"
    fetch "${base%/}/$name" "$part/$name" || continue
    if verified "$sum" "$part/$name"; then
      echo "download: $name: $(stat -c %s "$part/$name") bytes, checksum verified"
      return 0
    fi
    echo "download: $name: expected sha256 $sum, got $(sha256sum < "$part/$name" | cut -d' ' -f1); thrown away" >&2
    rm -f "$part/$name"
    result=2
  done
  return "$result"
}

mkdir -p "$part"
while read -r sum name; do
  verified "$sum" "$part/$name" && continue
  status=0
  obtain "$sum" "$name" "$@" || status=$?
  if [ "$status" -ne 0 ]; then
    echo "download: could not get $name from any of: $*" >&2
    exit "$status"
  fi
done < "$list"
mv -T "$part" "$folder"
