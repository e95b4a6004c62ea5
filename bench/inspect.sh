#!/usr/bin/env bash
# How long `nitro inspect` takes on a file of about 350 MB, and how much memory.
source "$(dirname "$0")/setup.sh"
"$nitro" zoo export edgevl-vit-b --force -o "$out/vit-b.onnx" >/dev/null
echo "file: $(stat -c %s "$out/vit-b.onnx") bytes"
"$python" bench/measure_command.py inspect 5 "$nitro" inspect "$out/vit-b.onnx"
