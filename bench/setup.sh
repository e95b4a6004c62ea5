# Sourced by the other scripts of this folder: builds nitro and defines where models go.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/bootstrap.sh test
scripts/build.sh release nitro
nitro=build/release/nitro
python=.venv/bin/python
out=out/bench
mkdir -p "$out"
echo "# $(date -u +%F), nitro $(git describe --always --dirty), $(nproc) processors," \
  "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
