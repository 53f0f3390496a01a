#!/usr/bin/env bash
# check_configure.sh SOURCE COMPILER: without protobuf the project configures, without the onnx component, and says so.
set -euo pipefail
source=$1 compiler=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake -S "$source" -B "$work" -G Ninja -D CMAKE_CXX_COMPILER="$compiler" -D KERATIN_BUILD_EXAMPLES=OFF \
  -D CMAKE_DISABLE_FIND_PACKAGE_Protobuf=ON > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
grep -q "no onnx component, for want of libprotobuf-dev" "$work/log" || { cat "$work/log"; echo "expected a reason"; exit 1; }
if grep -q '"onnx"' "$work/src/linked_components.cpp"; then
  echo "expected no onnx component, got one"
  exit 1
fi
ninja -C "$work" -t targets all > "$work/targets"
if grep -q 'formats/onnx' "$work/targets"; then
  echo "expected nothing of formats/onnx to be built"
  exit 1
fi
