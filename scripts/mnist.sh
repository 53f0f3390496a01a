#!/usr/bin/env bash
# Builds Keratin and trains keras_mnist on the real MNIST, from nothing. See usage below.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/setup.sh"

usage() {
  cat << 'END'
usage: scripts/mnist.sh [--data-url BASE] [flags of keras_mnist …]

Installs what is missing, builds build/release/bin/keras_mnist and runs it with the flags given.
Without --data-folder and without data/mnist it downloads MNIST's four files there (resumed if interrupted, checksums
verified); where no network is, it trains on synthetic digits and says so.

  --data-url BASE    the address that the four files lie under, in place of the two public mirrors
  --help             this, and the flags of keras_mnist once it is built
END
}

program=$root/build/release/bin/keras_mnist
data=$root/data/mnist
mirrors=(https://ossci-datasets.s3.amazonaws.com/mnist https://storage.googleapis.com/cvdf-datasets/mnist)
flags=()
data_given=no
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      usage
      if [ -x "$program" ]; then echo; "$program" --help; fi
      exit 0 ;;
    --data-url)
      [ $# -ge 2 ] || { echo "mnist: --data-url expects an address" >&2; exit 1; }
      mirrors=("$2"); shift ;;
    --data-url=*) mirrors=("${1#*=}") ;;
    --data-folder | --data-folder=* | --synthetic) data_given=yes; flags+=("$1") ;;
    *) flags+=("$1") ;;
  esac
  shift
done

setup_packages build
setup_packages onnx || echo "mnist: going on without the onnx component; model.onnx will be left out" >&2
mkdir -p "$root/build"
cmake -S "$root" --preset release > "$root/build/release.log" 2>&1 || { cat "$root/build/release.log" >&2; exit 1; }
cmake --build "$root/build/release" --target keras_mnist

# Prints the flags that say what to train on.
choose_data() {
  [ -d "$data" ] || {
    local status=0
    if setup_packages download >&2; then
      bash "$root/scripts/download.sh" "$root/scripts/mnist.sha256" "$data" "${mirrors[@]}" >&2 || status=$?
    else
      status=1
    fi
    case $status in
      0) ;;
      1) echo "mnist: MNIST cannot be downloaded from here; training on synthetic digits instead" >&2
         echo --synthetic; return 0 ;;
      *) return "$status" ;;
    esac
  }
  printf '%s\n' --data-folder "$data"
}

if [ "$data_given" = no ]; then
  chosen=$(choose_data) || exit 1
  mapfile -t chosen <<< "$chosen"
  flags=("${chosen[@]}" "${flags[@]}")
fi
exec "$program" "${flags[@]}"
