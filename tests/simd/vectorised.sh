#!/usr/bin/env bash
# A compiled program that the compiler left scalar is slower than interpreting it. usage: vectorised.sh REGISTER OBJECT: each loop
# uses vector registers of that kind.
set -eu
scalar=$(objdump --disassemble --no-show-raw-insn --demangle "$2" |
  awk -v vector="$1" '/^[0-9a-f]+ </ { if (name && !found) print name; name = /::run_blocks</ ? $0 : ""; found = 0 }
                      $0 ~ vector { found = 1; ++loops }
                      END { if (name && !found) print name; if (!loops) print "no loop at all" }')
if [ -n "$scalar" ]; then
  printf 'not vectorised:\n%s\n' "$scalar" >&2
  exit 1
fi
