#!/usr/bin/env bash
# How much faster `nitro optimize` makes each model on ONNX Runtime, with the proof of equality.
# usage: bench/speedup.sh [LABEL...]     of the models below; default: all
source "$(dirname "$0")/setup.sh"

# optimize LABEL MODEL [ARGUMENTS...]
optimize() {
  local label=$1
  shift
  [ ${#wanted[@]} = 0 ] || [[ " ${wanted[*]} " == *" $label "* ]] || return 0
  echo "== $label"
  # A model whose outputs differ after rewriting is a result to show, not a reason to stop.
  "$nitro" optimize "$@" --threads 2 --force --report "$out/$label.html" -o "$out/$label" || echo "exit code $?"
}

# timm LABEL NAME EXPORTER
timm() {
  local label=$1 file=$out/$1.onnx
  [ ${#wanted[@]} = 0 ] || [[ " ${wanted[*]} " == *" $label "* ]] || return 0
  "$python" bench/export_timm.py "$2" "$3" "$file" >/dev/null
  optimize "$label" "$file" --modalities rgb,depth
}

wanted=("$@")
optimize edgevl-swin-s zoo:edgevl-swin-s --modalities rgb,depth
optimize edgevl-vit-b zoo:edgevl-vit-b --modalities rgb,depth
timm swin-small-torchscript swin_small_patch4_window7_224 torchscript
timm swin-small-dynamo swin_small_patch4_window7_224 dynamo
