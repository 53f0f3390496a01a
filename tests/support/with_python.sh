#!/usr/bin/env bash
# with_python.sh ENVIRONMENT SCRIPT [ARGUMENT …]: runs a Python script in build/python/ENVIRONMENT, which scripts/test.sh makes.
# Where there is none the test is skipped (77) and says so.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=$root/build/python/$1/bin/python
if [ ! -x "$python" ]; then
  echo "skipped: there is no build/python/$1; scripts/test.sh makes it where the network allows"
  exit 77
fi
shift
exec "$python" -B "$@"
