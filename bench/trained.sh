#!/usr/bin/env bash
# How much faster `nitro optimize` makes the trained models of rapidocr-onnxruntime on rendered text,
# with the proof of equality on that text.
source "$(dirname "$0")/setup.sh"
models=$("$python" -c '
import importlib.util, pathlib
print(pathlib.Path(importlib.util.find_spec("rapidocr_onnxruntime").origin).parent / "models")')

# optimize MODEL HEIGHTxWIDTH
optimize() {
  echo "== $1, $2"
  "$python" tests/trained/rendered_text.py "Nitro 2026" "$2" "$out/text-$2.npy"
  "$nitro" optimize "$models/$1.onnx" --shape "x=1x3x$2" --input "x=$out/text-$2.npy" --threads 2 \
    --force --report "$out/$1.html" -o "$out/$1" || echo "exit code $?"
}

optimize ch_PP-OCRv4_det_infer 320x640
optimize ch_PP-OCRv4_rec_infer 48x320
optimize ch_ppocr_mobile_v2.0_cls_infer 48x192
