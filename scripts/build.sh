#!/usr/bin/env bash
# Configures a preset of CMakePresets.json where that is still to be done, and builds it.
# usage: scripts/build.sh PRESET [TARGET...]     no target: everything
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -lt 1 ]; then
  echo "usage: scripts/build.sh PRESET [TARGET...]" >&2
  exit 2
fi
preset=$1
shift
[ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >/dev/null
cmake --build "build/$preset" ${*:+--target "$@"} -- --quiet >&2
