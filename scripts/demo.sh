#!/usr/bin/env bash
# Installs what is needed, builds nitro, makes test scenes, and optimizes a trained EdgeVL student for
# frames of an RGB and a depth image on this machine's CPU, with its accuracy on these scenes before and
# after. Prints where the report is.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/bootstrap.sh base
echo "demo: building nitro" >&2
scripts/build.sh release nitro
mkdir -p out
scenes=out/scenes
report=out/edgevl-swin-nano.html
build/release/nitro zoo synth-rgbd -o "$scenes" --split test --count 300 >&2
build/release/nitro optimize zoo:edgevl-swin-nano --modalities rgb,depth --threads 2 \
  --data "$scenes" --text training/demo/text.npy --classes training/demo/classes.txt --max-drop 0.5 \
  --report "$report" -o out
echo "report: $PWD/$report"
