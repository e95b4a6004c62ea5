#!/usr/bin/env bash
# The kernel of products without tensor cores on one multiprocessor of this machine's GPU.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/build.sh release nitro_gpu_simt
exec build/release/nitro_gpu_simt
