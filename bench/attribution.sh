#!/usr/bin/env bash
# The share of the time in layers that `nitro profile` traces to a module, and the time outside layers.
source "$(dirname "$0")/setup.sh"

# attribution LABEL MODEL
attribution() {
  "$nitro" profile "$2" --threads 2 --repetitions 1 --json 2>/dev/null | "$python" -c '
import json, sys
profile = json.load(sys.stdin)["baseline"]["profile"]
print("%-24s %.2f %% of %.2f ms in layers, %.2f ms outside" % (
    sys.argv[1], 100 * profile["attributed_share"], profile["layers_sum_ns"] / 1e6,
    profile["overhead_ns"] / 1e6))' "$1"
}

for name in edgevl-swin-s edgevl-swin-t edgevl-vit-b edgevl-vit-s; do
  attribution "$name" "zoo:$name"
done
for name in swin_small_patch4_window7_224 vit_small_patch16_224; do
  for exporter in torchscript dynamo; do
    file=$out/$name-$exporter.onnx
    [ -f "$file" ] || "$python" bench/export_timm.py "$name" "$exporter" "$file" >/dev/null 2>&1
    attribution "$name $exporter" "$file"
  done
done
