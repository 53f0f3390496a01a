#!/usr/bin/env bash
# check_subdirectory.sh SOURCE COMPILER: builds Keratin inside of another project, with that project's flags.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake -S "$here/subdirectory" -B "$work" -G Ninja -D KERATIN_SOURCE="$1" -D CMAKE_CXX_COMPILER="$2" -D CMAKE_BUILD_TYPE=Release
cmake --build "$work"
"$work/consumer"
if [ -e "$work/keratin/tests" ] || [ -e "$work/keratin/examples" ]; then
  echo "expected a subproject to build neither tests nor examples"
  exit 1
fi
