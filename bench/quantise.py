#!/usr/bin/env python3
"""8-bit models by nitro and by onnxruntime.quantization, side by side: accuracy on test scenes and latency.

    quantise.py MODEL TRAIN TEST FOLDER [--limit N] [--scenes N] [--rounds N] [--text FILE --classes FILE]

MODEL is zoo:NAME or an ONNX file; TRAIN and TEST are data sets of `nitro zoo synth-rgbd`, of which TRAIN is calibrated
with. Accuracy is that of `nitro eval`, latency that of onnxruntime with 2 threads, one call of each in turn. Without
--text it is the cosine to the original. Needs $NITRO (default build/release/nitro), onnxruntime, NumPy and Pillow.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import time

import numpy as np
import onnxruntime
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

NITRO = os.environ.get("NITRO", "build/release/nitro")
CLEAN = ["fold-constants", "order-operands", "remove-identities", "merge-common-subexpressions",
         "eliminate-dead-code"]
EXACT = [*CLEAN, "fuse-layer-norm", "fuse-gelu", "fold-batch-norm", "fold-input-normalization", "merge-linears", *CLEAN,
         "fuse-attention", *CLEAN, "lower-patch-embedding", *CLEAN, "window-order", *CLEAN, "hoist-gathers", *CLEAN,
         "fuse-bias-gelu", "lower-linear", *CLEAN]
METHODS = ["minmax", "percentile", "mse", "entropy"]


def nitro(*words, stdout=subprocess.DEVNULL):
    environment = dict(os.environ, NITRO_PYTHON=sys.executable)
    return subprocess.run([NITRO, *map(str, words)], check=True, env=environment, stdout=stdout,
                          stderr=subprocess.DEVNULL).stdout


def steps(*passes):
    return [word for step in passes for word in ("--pass", step)]


class Images(quantization.CalibrationDataReader):
    """Images of the training split, as the model takes them."""

    def __init__(self, tensors, name):
        self.items = iter([{name: tensor} for tensor in tensors])

    def get_next(self):
        return next(self.items, None)


def prepared(folder, scenes):
    """As nitro prepares images: depth from its least to its largest, one channel as three, normalised."""
    from PIL import Image

    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    tensors = []
    for modality in ("rgb", "depth", "ir"):
        files = sorted((folder / modality).glob("*/*"))
        for file in files[:: max(1, len(files) // scenes)][:scenes]:
            pixels = np.asarray(Image.open(file)).astype(float)
            if pixels.max() > 255:
                pixels = np.floor((pixels - pixels.min()) * 255 / max(1, pixels.max() - pixels.min()))
            if pixels.ndim == 2:
                pixels = np.repeat(pixels[..., None], 3, -1)
            tensors.append(((pixels / 255 - mean) / deviation).transpose(2, 0, 1)[None].astype(np.float32))
    return tensors


def by_nitro(arguments, out):
    models = {"float, original": out / "original.onnx", "float, exact passes": out / "exact.onnx"}
    nitro("zoo", "export", arguments.model[4:], "-o", models["float, original"], "--force") if arguments.model.startswith(
        "zoo:") else nitro("export", arguments.model, "-o", models["float, original"], "--force")
    exact = models["float, exact passes"]
    nitro("apply", models["float, original"], *steps(*EXACT), "-o", exact, "--force")
    scales = out / "calibration.json"
    nitro("calibrate", exact, "--data", arguments.train, "--limit", arguments.scenes, "-o", scales, "--force")
    for method in METHODS:
        file = models[f"nitro int8, {method}"] = out / f"nitro-{method}.onnx"
        nitro("apply", exact, *steps(f"quantize-int8:calibration={scales},method={method}"), "-o", file, "--force")
    file = models["naive: min-max, one scale a tensor"] = out / "naive.onnx"
    nitro("apply", exact, *steps(f"quantize-int8:calibration={scales},method=minmax,weights=tensor"), "-o", file,
          "--force")
    return models


def by_onnxruntime(original, tensors, out):
    models = {}
    ready = out / "preprocessed.onnx"
    quant_pre_process(original, ready, skip_symbolic_shape=True)
    name = onnxruntime.InferenceSession(original).get_inputs()[0].name
    ops = ["MatMul", "Gemm", "Conv"]
    for method in quantization.CalibrationMethod:
        file = out / f"ort-{method.name.lower()}.onnx"
        try:
            quantization.quantize_static(
                ready, file, Images(tensors, name), quant_format=quantization.QuantFormat.QDQ, per_channel=True,
                activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8,
                op_types_to_quantize=ops, calibrate_method=method, extra_options={"MatMulConstBOnly": True})
        except Exception as error:  # its Distribution knows fewer types than the others
            print(f"onnxruntime's {method.name} fails: {error}", file=sys.stderr)
            continue
        models[f"onnxruntime static, {method.name.lower()}"] = file
    file = models["onnxruntime dynamic"] = out / "ort-dynamic.onnx"
    quantization.quantize_dynamic(ready, file, per_channel=True, weight_type=quantization.QuantType.QInt8,
                                  op_types_to_quantize=ops, extra_options={"MatMulConstBOnly": True})
    return models


def latencies(models, tensor, rounds):
    """Milliseconds of each model, a call of each in turn: the median, and the least."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    sessions = {name: onnxruntime.InferenceSession(file, options) for name, file in models.items()}
    times = collections.defaultdict(list)
    for round_ in range(rounds + 3):
        for name, session in sessions.items():
            start = time.perf_counter()
            session.run(None, {session.get_inputs()[0].name: tensor})
            if round_ >= 3:
                times[name].append(1e3 * (time.perf_counter() - start))
    return {name: (float(np.median(each)), min(each)) for name, each in times.items()}


def accuracies(arguments, models, out):
    """The cells of each model: per modality top-1 with its difference to the original, or the cosine to it."""
    original = models["float, original"]
    words = ["--data", arguments.test, "--limit", arguments.limit, "--runner", "ort"]
    if arguments.text:
        words += ["--text", arguments.text, "--classes", arguments.classes]
    cells = {}
    for name, file in models.items():
        print(name, file=sys.stderr)
        result = json.loads(nitro("eval", file, *words, "--reference", original, "--json", stdout=subprocess.PIPE))
        cells[name] = []
        for modality in result["modalities"]:
            against = modality["reference"]
            cosine = against["cosine"]
            text = f"cos {cosine['median']:.4f} (least {cosine['least']:.4f})"
            if arguments.text:
                top1 = modality["top1"]
                text = (f"{100 * top1['hits'] / top1['images']:5.1f} %  {100 * against['comparison']['difference']:+5.1f}"
                        f"  agree {100 * against['agreement']:5.1f} %  cos {cosine['median']:.4f}")
            cells[name].append((modality["modality"], text))
    return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("train", type=pathlib.Path)
    parser.add_argument("test", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--limit", type=int, default=0, help="scenes to evaluate; 0: all")
    parser.add_argument("--scenes", type=int, default=96, help="scenes to calibrate with")
    parser.add_argument("--rounds", type=int, default=100, help="calls of each model")
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--classes", type=pathlib.Path)
    arguments = parser.parse_args()
    out = arguments.folder
    out.mkdir(parents=True, exist_ok=True)
    tensors = prepared(arguments.train, arguments.scenes)
    models = by_nitro(arguments, out)
    models |= by_onnxruntime(models["float, original"], tensors, out)
    times = latencies(models, tensors[0], arguments.rounds)
    cells = accuracies(arguments, models, out)
    base = times["float, original"][0]
    print(f"{arguments.model}, onnxruntime {onnxruntime.__version__}, 2 threads, {arguments.rounds} calls in turn, "
          f"{arguments.scenes} scenes to calibrate with")
    print(f"{'':36}{'median ms':>10}{'least':>8}{'faster':>8}  " + "  ".join(
        f"{modality:46}" for modality, _ in next(iter(cells.values()))))
    for name in models:
        median, least = times[name]
        print(f"{name:36}{median:10.2f}{least:8.2f}{base / median:7.2f}x  " + "  ".join(
            f"{text:46}" for _, text in cells[name]))


if __name__ == "__main__":
    main()
