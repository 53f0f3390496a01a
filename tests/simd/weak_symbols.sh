#!/usr/bin/env bash
# A function that an object for a larger instruction set defines weakly outside of that set's namespace could be the one that the
# linker keeps for machines that lack the set. usage: weak_symbols.sh SET OBJECT…
set -eu
set_name=$1
shift
symbols=$(nm --defined-only --demangle "$@" | grep -E ' [VWuv] ' | grep -v "::$set_name::" || true)
if [ -n "$symbols" ]; then
  printf 'weak symbols outside of namespace %s:\n%s\n' "$set_name" "$symbols" >&2
  exit 1
fi
