#!/usr/bin/env bash
# Training steps by Keratin and by its peers, interleaved, as a table: benchmarks/run_peers.sh --help lists the flags.
# It builds Keratin's program and makes what the chosen peers need under build/; a peer that cannot be set up is told and left out.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/setup.sh"
setup_packages peers
driver=(python3 "$root/benchmarks/peers/run.py")

case " $* " in *" --help "* | *" -h "*) exec "${driver[@]}" --help ;; esac
needs=" $("${driver[@]}" --needs "$@") "
needed() { [[ $needs == *" $1 "* ]]; }
"${driver[@]}" --prepare "$@"  # without MNIST nothing is worth building

programs=()
for program in keratin_peer hand_peer; do if needed "$program"; then programs+=("$program"); fi; done
if [ ${#programs[@]} -gt 0 ]; then
  setup_packages build
  mkdir -p "$root/build"
  cmake -S "$root" --preset release -D KERATIN_BUILD_BENCHMARKS=ON > "$root/build/release.log" 2>&1 ||
    { cat "$root/build/release.log" >&2; exit 1; }
  cmake --build "$root/build/release" --target "${programs[@]}"
fi
if needed python && [ -z "${KERATIN_PEERS_PYTHON-}" ]; then
  # Gigabytes, once. An environment that is there already: KERATIN_PEERS_PYTHON=…/bin/python
  "$root/scripts/python.sh" peers "$root/benchmarks/peers/requirements.txt" || true
fi
if needed libtorch; then
  build=$root/build/peers/libtorch
  mkdir -p "$build"
  { setup_packages libtorch && cmake -S "$root/benchmarks/peers" -B "$build" > "$build.log" 2>&1 &&
    cmake --build "$build" >> "$build.log" 2>&1; } || echo "run_peers: libtorch could not be built (see $build.log)" >&2
fi
exec "${driver[@]}" "$@"
