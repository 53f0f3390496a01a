#!/usr/bin/env bash
# What a fresh Debian 12 needs. Run it:    scripts/setup.sh build | onnx | test | full | benchmark | peers …
#                               or source: . scripts/setup.sh; setup_packages build test
# It names what is missing before it installs anything; with everything present it touches no network.

# onnx is what the component of that name is built with; without it a build leaves the component out.
# Every package with the way to see that it is there: a command, a header, or a Python module.
readonly SETUP_PACKAGES='
build      g++                 command g++
build      cmake               command cmake
build      ninja-build         command ninja
build      libeigen3-dev       header  eigen3/Eigen/Core
build      zlib1g-dev          header  zlib.h
build      nlohmann-json3-dev  header  nlohmann/json.hpp
build      libcli11-dev        header  CLI/CLI.hpp
onnx       libprotobuf-dev     header  google/protobuf/message_lite.h
onnx       protobuf-compiler   command protoc
onnx       libonnx-dev         header  onnx/onnx.proto
download   curl                command curl
test       curl                command curl
download   ca-certificates     file    /etc/ssl/certs/ca-certificates.crt
test       libgtest-dev        header  gtest/gtest.h
test       libgmock-dev        header  gmock/gmock.h
test       python3             command python3
test       python3-venv        module  ensurepip
full       clang-14            command clang++-14
full       libclang-rt-14-dev  file    /usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.asan-x86_64.a
full       llvm-14             command llvm-symbolizer-14
full       clang-format-14     command clang-format-14
full       clang-tidy-14       command clang-tidy-14
full       pkg-config          command pkg-config
full       libbenchmark-dev    header  benchmark/benchmark.h
benchmark  libbenchmark-dev    header  benchmark/benchmark.h
peers      python3             command python3
peers      python3-venv        module  ensurepip
libtorch   libtorch-dev        header  torch/csrc/api/include/torch/torch.h
libtorch   libopenblas0-openmp file    /usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3
libtorch   libblis4-openmp     file    /usr/lib/x86_64-linux-gnu/blis-openmp/libblas.so.3
'

setup_is_present() {  # <kind> <what>
  local kind=$1 what=$2 folder
  case $kind in
    command) command -v "$what" > /dev/null ;;
    file) [ -e "$what" ] ;;
    module) command -v python3 > /dev/null && python3 -c "import $what" 2> /dev/null ;;
    header)
      for folder in /usr/include /usr/local/include "/usr/include/$(uname -m)-linux-gnu"; do
        [ -e "$folder/$what" ] && return 0
      done
      return 1 ;;
  esac
}

# Prints the packages of the given sets that are not there.
setup_missing() {  # <set>…
  local set package kind what
  while read -r set package kind what; do
    [ -n "$set" ] || continue
    case " $* " in *" $set "*) setup_is_present "$kind" "$what" || echo "$package" ;; esac
  done <<< "$SETUP_PACKAGES" | sort -u
}

# Installs what is missing of the given sets. Where that cannot be done it lists what is missing and returns 1.
setup_packages() {  # <set>…
  local missing as_root=()
  missing=$(setup_missing "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  echo "setup: missing packages: $missing"
  if [ "$(id -u)" -ne 0 ] && command -v sudo > /dev/null; then as_root=(sudo); fi
  if ! command -v apt-get > /dev/null; then
    echo "setup: they are Debian's names, and there is no apt-get here; install them by other means" >&2
  elif [ "$(id -u)" -ne 0 ] && [ ${#as_root[@]} -eq 0 ]; then
    echo "setup: installing needs root, and there is no sudo here" >&2
  else
    echo "setup: installing them with apt-get"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::http::Timeout=20 -o Acquire::Retries=2) log
    log=$(mktemp)
    # shellcheck disable=SC2086  # the names are words
    "${apt[@]}" update > "$log" 2>&1 && "${apt[@]}" install -y --no-install-recommends $missing >> "$log" 2>&1 ||
      grep -m 3 '^E:' "$log" >&2 || true
    rm -f "$log"
  fi
  missing=$(setup_missing "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  echo "setup: still missing, and could not be installed: $missing" >&2
  return 1
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  [ $# -gt 0 ] || set -- build
  for set in "$@"; do
    case $set in
      build | onnx | download | test | full | benchmark | peers | libtorch) ;;
      *) echo "setup: expected build, onnx, download, test, full, benchmark, peers or libtorch, got $set" >&2; exit 1 ;;
    esac
  done
  setup_packages "$@"
  echo "setup: every package of $* is present"
fi
