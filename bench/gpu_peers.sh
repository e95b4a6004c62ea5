#!/usr/bin/env bash
# Nitro's CUDA engine against the other ways to run the zoo's models on this machine's GPU.
# usage: bench/gpu_peers.sh [ARGUMENTS OF gpu_peers.py...]
# $NITRO: the program (default: built here); $PYTHON: a Python with PyTorch for CUDA (default python3).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ -z "${NITRO:-}" ]; then
  scripts/build.sh release nitro nitro_engine
  NITRO=build/release/nitro
fi
export NITRO
export PYTHONPATH=$PWD/python${PYTHONPATH:+:$PYTHONPATH}
exec "${PYTHON:-python3}" bench/gpu_peers.py "$@"
