#!/usr/bin/env bash
# A function that an object for a larger instruction set defines weakly outside of that set's namespace could be the one that the
# linker keeps for machines that lack the set. usage: weak_symbols.sh SET OBJECT…
set -euo pipefail
set_name=$1
shift
for object in "$@"; do
  defined=$(nm --defined-only --demangle "$object")
  grep -q "::$set_name::" <<< "$defined" || { echo "$object: expected functions of namespace $set_name, got none" >&2; exit 1; }
  symbols=$(grep -E ' [VWuv] ' <<< "$defined" | grep -v "::$set_name::" || true)
  if [ -n "$symbols" ]; then
    printf '%s: weak symbols outside of namespace %s:\n%s\n' "$object" "$set_name" "$symbols" >&2
    exit 1
  fi
done
