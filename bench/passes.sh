#!/usr/bin/env bash
# How long all exact passes take on timm's Swin-S as TorchScript writes it, and how much memory: with reading
# and writing the file, and for comparison reading and writing alone.
source "$(dirname "$0")/setup.sh"
model=$out/swin-small-torchscript.onnx
[ -f "$model" ] || "$python" bench/export_timm.py swin_small_patch4_window7_224 torchscript "$model" >/dev/null
"$nitro" inspect "$model" | grep '^graph'

passes=()
for name in $("$nitro" passes --json | "$python" -c '
import json, sys
for each in json.load(sys.stdin)["passes"]:
    # What needs a calibration, or makes a copy for each modality, is not of every model.
    if each["kind"] == "exact" and "calibration" not in each["parameters"] and each["name"] != "separate-modalities":
        print(each["name"])'); do
  [ "$name" = batch-modalities ] && name=batch-modalities:modalities=rgb,depth
  passes+=(--pass "$name")
done
"$nitro" apply "$model" "${passes[@]}" --force -o "$out/passes.onnx"
"$python" bench/measure_command.py "all passes" 5 "$nitro" apply "$model" "${passes[@]}" --force \
  -o "$out/passes.onnx"
"$python" bench/measure_command.py "read and write" 5 "$nitro" export "$model" --force \
  -o "$out/copy.onnx"
