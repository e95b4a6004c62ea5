#!/usr/bin/env bash
# Installs what is needed, builds nitro, and optimizes EdgeVL's Swin student for frames of an RGB and a
# depth image on this machine's CPU. Prints where the report is.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/bootstrap.sh base
echo "demo: building nitro" >&2
scripts/build.sh release nitro
mkdir -p out
report=out/edgevl-swin-s.html
build/release/nitro optimize zoo:edgevl-swin-s --modalities rgb,depth --threads 2 \
  --report "$report" -o out
echo "report: $PWD/$report"
