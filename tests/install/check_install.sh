#!/usr/bin/env bash
# check_install.sh BUILD COMPILER: installs what BUILD built, moves it elsewhere, and uses it as an application would.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$1 compiler=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" > "$work/log" || { cat "$work/log"; exit 1; }
mv "$work/first" "$work/moved"  # a package that remembers where it was made fails from here on
export CMAKE_PREFIX_PATH=$work/moved

echo "== find_package"
cmake -S "$here/find_package" -B "$work/consumer" -G Ninja -D CMAKE_CXX_COMPILER="$compiler" -D CMAKE_BUILD_TYPE=Release
cmake --build "$work/consumer"
"$work/consumer/consumer"

echo "== find_package refuses another version and a component that is not there"
refuse() {  # <find_package arguments> <regular expression>
  printf 'cmake_minimum_required(VERSION 3.25)\nproject(refused LANGUAGES CXX)\nfind_package(keratin %s)\n' "$1" > "$work/CMakeLists.txt"
  if cmake -S "$work" -B "$work/refused" -G Ninja -D CMAKE_CXX_COMPILER="$compiler" > "$work/log" 2>&1 || ! grep -qE "$2" "$work/log"; then
    cat "$work/log"
    echo "expected find_package(keratin $1) to fail with: $2"
    return 1
  fi
}
refuse "99 REQUIRED" 'version "99"'
refuse "0.0 REQUIRED" 'version "0.0"'
refuse "0.2 REQUIRED" 'version "0.2"'
refuse "REQUIRED COMPONENTS telepathy" "without the component telepathy"

if command -v pkg-config > /dev/null; then
  echo "== pkg-config"
  PKG_CONFIG_PATH=$(dirname "$(find "$work/moved" -name keratin.pc)")
  export PKG_CONFIG_PATH
  # shellcheck disable=SC2046  # the flags are words
  "$compiler" -std=c++20 "$here/consumer.cpp" -o "$work/by_pkg_config" $(pkg-config --cflags --libs keratin)
  LD_LIBRARY_PATH=$(pkg-config --variable=libdir keratin) "$work/by_pkg_config"
fi
