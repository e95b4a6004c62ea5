#!/usr/bin/env python3
"""8-bit models by nitro and by onnxruntime.quantization, side by side: accuracy on test scenes and latency.

    quantise.py MODEL TRAIN TEST FOLDER [--limit N] [--scenes N] [--rounds N] [--text FILE --classes FILE]

MODEL is zoo:NAME or an ONNX file; TRAIN and TEST are data sets of `nitro zoo synth-rgbd`, of which TRAIN is calibrated
with. Accuracy is that of `nitro eval`, latency that of onnxruntime, one call of each in turn. Needs $NITRO (default
build/release/nitro), onnxruntime, NumPy and Pillow.
"""

import argparse
import collections
import contextlib
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
    """The passes before are part of each recipe: a file holds their fused attention as several operators."""
    models = {"float, original": out / "original.onnx", "float, exact passes": out / "exact.onnx"}
    original = models["float, original"]
    nitro("apply", arguments.model, "--pass", "eliminate-dead-code", "-o", original, "--force")

    def apply(file, *passes):
        nitro("apply", original, *steps(*EXACT, *passes), "-o", file, "--force")

    def calibrate(file, *passes):
        nitro("calibrate", original, *steps(*EXACT, *passes), "--data", arguments.train, "--limit", arguments.scenes,
              "-o", file, "--force")
        return file

    apply(models["float, exact passes"])
    scales = calibrate(out / "calibration.json")
    quantize = f"quantize-int8:calibration={scales}"
    for method in METHODS:
        file = models[f"nitro int8, {method}"] = out / f"nitro-{method}.onnx"
        apply(file, f"{quantize},method={method}")
    migrate = f"migrate-scales:calibration={scales}"
    even = calibrate(out / "even.json", migrate)
    file = models["nitro int8, mse, scales migrated"] = out / "nitro-migrated.onnx"
    apply(file, migrate, f"quantize-int8:calibration={even},method=mse")
    file = models["nitro int8, mse, every layer"] = out / "nitro-all.onnx"
    apply(file, f"{quantize},method=mse,min_macs=0")
    file = models["naive: min-max, one scale a tensor"] = out / "naive.onnx"
    apply(file, f"{quantize},method=minmax,weights=tensor,min_macs=0")
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
    """Milliseconds of each model, a call of each in turn: the median of the time with 2 threads, and of the processor's
    time with one, which other programs of the machine disturb less."""
    medians = collections.defaultdict(list)
    for threads, clock in ((2, time.perf_counter), (1, time.thread_time)):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        sessions = {name: onnxruntime.InferenceSession(file, options) for name, file in models.items()}
        times = collections.defaultdict(list)
        for _ in range(rounds):
            for name, session in sessions.items():
                start = clock()
                session.run(None, {session.get_inputs()[0].name: tensor})
                times[name].append(1e3 * (clock() - start))
        for name, each in times.items():
            medians[name].append(float(np.median(each)))
    return medians


def cosines(ours, theirs):
    return (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)


def accuracies(arguments, models, out):
    """The cells of each model, a modality each: cosine to the original and, with --text, top-1."""
    cells, first = collections.defaultdict(list), None
    for name, file in models.items():
        print(name, file=sys.stderr)
        rows = out / "embeddings" / pathlib.Path(file).stem
        words = ["--data", arguments.test, "--limit", arguments.limit, "--runner", "ort", "--embeddings", rows, "--json"]
        if arguments.text:
            words += ["--text", arguments.text, "--classes", arguments.classes]
        else:
            words += ["--reference", file]
        result = json.loads(nitro("eval", file, *words, stdout=subprocess.PIPE))
        first = first or (rows, result)
        for i, (modality, before) in enumerate(zip(result["modalities"], first[1]["modalities"])):
            file_name = f"embeddings_{i}.npy"
            cosine = cosines(np.load(rows / file_name), np.load(first[0] / file_name))
            text = f"cos {np.median(cosine):.4f} ({cosine.min():.4f})"
            if arguments.text:
                share = 100 / modality["top1"]["images"]
                hits, old = modality["top1"]["hits"], before["top1"]["hits"]
                text = f"{share * hits:5.1f} % {share * (hits - old):+5.1f}  {text}"
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
    with contextlib.redirect_stdout(sys.stderr):  # onnxruntime says what it does
        models |= by_onnxruntime(models["float, original"], tensors, out)
    times = latencies(models, tensors[0], arguments.rounds)
    cells = accuracies(arguments, models, out)
    images = f"{arguments.limit or 'all'} scenes"
    print(f"{arguments.model}, onnxruntime {onnxruntime.__version__}, {arguments.rounds} calls in turn, calibrated with "
          f"{arguments.scenes} scenes; {images} of the test split: {'top-1, points to the original, ' * bool(arguments.text)}"
          "median cosine to the original (least)")
    print(f"{'':36}{'2 threads ms':>14}{'1 thread CPU ms':>17}{'faster':>8}  " + "  ".join(
        f"{modality:36}" for modality, _ in next(iter(cells.values()))))
    for name in models:
        two, one = times[name]
        print(f"{name:36}{two:14.2f}{one:17.2f}{times['float, original'][1] / one:7.2f}x  " + "  ".join(
            f"{text:36}" for _, text in cells[name]))


if __name__ == "__main__":
    main()
