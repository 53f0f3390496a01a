#!/usr/bin/env bash
# Runs a program with its kernels' instruction set forced. usage: with_instruction_set.sh SET PROGRAM …: where this machine lacks the
# set, says so and exits 77, which no test does: a failure cannot pass for a skip.
set -eu
forced=$1
shift
case $forced in
  baseline) needed= ;;
  avx2) needed='avx2 fma' ;;
  avx512) needed='fma avx512f avx512vl avx512dq avx512bw' ;;
  *) echo "with_instruction_set: expected baseline, avx2 or avx512, got $forced" >&2; exit 1 ;;
esac
for flag in $needed; do
  if ! grep -q "^flags.*\<$flag\>" /proc/cpuinfo; then
    echo "skipped: this machine has no $flag, so the tests cannot run with $forced"
    exit 77
  fi
done
KERATIN_INSTRUCTION_SET=$forced exec "$@"
