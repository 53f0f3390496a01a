#!/usr/bin/env bash
# shellcheck disable=SC2317  # phase calls the functions
# The whole proof on a fresh machine. Without arguments: one optimized build with assertions and every test but the slow ones.
# --full adds what is asked before an issue is called resolved. With CI=true a skipped test fails, runs on a GPU excepted;
# the golden values are skipped, and said to be, where Keras is not installed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
. scripts/setup.sh

full=no
case "${1-}" in
  "") ;;
  --full) full=yes ;;
  *) echo "usage: scripts/test.sh [--full]" >&2; exit 1 ;;
esac
if [ "$full" = yes ]; then setup_packages build test full; else setup_packages build test; fi
if ! setup_packages onnx; then
  [ "${CI-}" != true ] || { echo "CI: the onnx component is not tested, which counts as failure" >&2; exit 1; }
  echo "test: going on without the onnx component and its tests" >&2
fi

mkdir -p build
CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}
export CTEST_PARALLEL_LEVEL

# The cuda component is compiled, and tested as far as that goes without a GPU, where its toolkit is.
cuda=()
if command -v nvcc > /dev/null || [ -x /usr/local/cuda/bin/nvcc ]; then
  cuda=(-D KERATIN_CUDA=ON)
  PATH=$PATH:/usr/local/cuda/bin
fi

# The tests that did not run, but for those that need a GPU and those that say that a sanitizer stands in their way.
skipped_tests() {  # <JUnit file>
  awk '/<testcase name="/ { name = $0; sub(/.*<testcase name="/, "", name); sub(/".*/, "", name); skipped = 0; excused = 0 }
       /<skipped/ { skipped = 1 }
       /not under a sanitizer/ { excused = 1 }
       /<\/testcase>/ { if (skipped && !excused && name !~ /^cuda\.device\./) print name; skipped = 0 }' "$1"
}

# Configures, builds and tests one preset. In CI a test that did not run counts as failed.
suite() {  # <preset> <test preset> [<option of cmake> …]
  local preset=$1 name=$2 skipped
  shift 2
  rm -f "build/$name.log"
  cmake --preset "$preset" "$@" && cmake --build --preset "$preset" && ctest --preset "$name" | tee "build/$name.log" || return 1
  [ "${CI-}" = true ] || return 0
  skipped=$(skipped_tests "build/$name.xml")
  [ -z "$skipped" ] || { printf 'CI: these tests did not run, which counts as failure:\n%s\n' "$skipped"; return 1; }
}

# What was compiled, yet run by no test, for this machine cannot execute it.
say_what_did_not_run() {
  if [ ${#cuda[@]} -eq 0 ]; then
    echo "not compiled: the cuda component, for want of the CUDA toolkit"
  elif [ ! -e /dev/nvidia0 ]; then
    echo "not run: the kernels for CUDA on a GPU, which this machine does not have"
  fi
  local set
  for set in avx2 avx512; do
    [ -d "build/dev/src/CMakeFiles/keratin_simd_$set.dir" ] || continue
    tests/support/with_instruction_set.sh "$set" true > /dev/null || echo "not run: the kernels for $set, which this machine does not have"
  done
}

if [ -f tests/onnx/requirements.txt ]; then
  scripts/python.sh onnx tests/onnx/requirements.txt || [ "${CI-}" != true ]
fi
if [ "$full" = no ]; then
  suite dev dev "${cuda[@]}"
  say_what_did_not_run
  exit
fi

results=()
failed=0
no_environment=77  # status of a phase that did not run: what it needs is not installed
phase() {  # <name> <command> …: runs it, keeps its time and whether it passed, failed or did not run, and goes on
  local name=$1 started=$SECONDS verdict=passed status=0
  shift
  printf '\n==== %s\n' "$name"
  "$@" || status=$?
  if [ "$status" = "$no_environment" ]; then verdict=skipped; elif [ "$status" != 0 ]; then verdict=FAILED failed=1; fi
  results+=("$(printf '%s %5d s  %s' "$verdict" "$((SECONDS - started))" "$name")")
}
tidy() {  # <folder of a build> <folders>: what it says of itself (how many warnings it did not show) goes to a log
  run-clang-tidy-14 -quiet -p "$1" -j "$(nproc)" "$root/($2)/" 2> "build/clang-tidy-${1##*/}.log"
}
lint() {  # clang-tidy over what clang compiled, tests left out, and over all benchmarks, which it only configures
  local status=0
  tidy build/asan "src|models|examples|tools" || status=1
  cmake --preset asan -B build/lint -D KERATIN_BUILD_BENCHMARKS=ON > build/lint.log || { cat build/lint.log; return 1; }
  tidy build/lint benchmarks || status=1
  return "$status"
}
benchmarks() {  # the release build as users have it, but for warnings; then the tests of the benchmarks
  local release=(cmake --preset release -B build/benchmarks -D KERATIN_BUILD_BENCHMARKS=ON -D KERATIN_WARNINGS_AS_ERRORS=ON)
  "${release[@]}" -D KERATIN_BUILD_TESTS=OFF && cmake --build build/benchmarks &&
    "${release[@]}" -D KERATIN_BUILD_TESTS=ON && cmake --build build/benchmarks --target test_benchmarks &&
    ctest --test-dir build/benchmarks --output-on-failure --no-tests=error -R '^benchmarks\.'
}
golden() {  # the packages weigh gigabytes, so they are not installed unasked: without them skipped, with CI=true too
  if [ ! -x build/python/golden/bin/python ]; then
    echo "skipped: for Keras's own values run scripts/python.sh golden tests/golden/requirements.txt first"
    return "$no_environment"
  fi
  # Where they are, a difference fails, with or without CI.
  { scripts/python.sh golden tests/golden/requirements.txt &&
    build/python/golden/bin/python -B tests/golden/generate.py --out build/golden --check; } || return 1
}

phase "format" tools/format.sh --check
phase "dev, the slow tests too" suite dev dev-slow "${cuda[@]}"
phase "shared library with its plugins" suite shared shared "${cuda[@]}"
phase "clang with address and undefined-behaviour sanitizers" suite asan asan
phase "clang-tidy" lint
phase "thread sanitizer" suite tsan tsan
phase "benchmarks" benchmarks
phase "golden values" golden

printf '\n==== summary of --full\n'
printf '%s\n' "${results[@]}"
say_what_did_not_run
printf '\n==== the main suite once more\n'
if [ -f build/dev-slow.log ]; then sed -n '/ tests passed, /,$p' build/dev-slow.log; fi
exit "$failed"
