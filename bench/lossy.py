#!/usr/bin/env python3
"""What the lossy passes of width and depth cost and buy on zoo:edgevl-swin-nano: lossy.py NITRO TRAIN TEST [NAME...].

TRAIN and TEST are folders of `nitro zoo synth-rgbd`, of --split train and test. Calibrates on TRAIN, without its labels; applies each
variant, with the exact passes after it; prints top-1 on TEST, in points against the original on the same images, the share of equal
decisions, and the time of ONNX Runtime with 2 threads, in turns with the original. NAME: of the variants below; default: all."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

import numpy
import onnxruntime

MODEL = "zoo:edgevl-swin-nano"
CLEAN = "fold-constants order-operands remove-identities merge-common-subexpressions eliminate-dead-code".split()
BRANCHES = [f"layers.{stage}.blocks.{block}.{branch}"
            for stage, depth in enumerate((2, 2, 6, 2)) for block in range(depth) for branch in ("attn", "mlp")]


def neurons(keep):
    return [f"prune-neurons:keep={keep}"]


def heads(keep):
    return [f"prune-heads:keep={keep}"]


def removed(*branches, by="linear"):
    return [f"remove-blocks:by={by},branches={branch}" for branch in branches]


def variants():
    """The name of each, its steps before fuse-attention, and those after it."""
    yield "exact", [], []
    for keep in (0.75, 0.5, 0.25, 0.125):
        yield f"neurons {keep}", neurons(keep), []
    for keep in (0.75, 0.5):
        yield f"heads {keep}", [], heads(keep)
    yield "low-rank", ["low-rank:loss=0.01"], []
    for branch in BRANCHES:
        yield f"no {branch}", removed(branch), []
    first = ["layers.0.blocks.0.attn", "layers.0.blocks.1.attn"]
    yield "no layers.0 attn, neurons 0.25", removed(*first) + neurons(0.25), []
    yield "no layers.0 attn, neurons 0.375", removed(*first) + neurons(0.375), []
    for by in ("mean", "scale"):
        yield f"no layers.2.blocks.3.attn, {by}", removed("layers.2.blocks.3.attn", by=by), []


def with_calibration(step, file):
    return f"{step},calibration={file}"


def recipe(before, after, calibration):
    """The exact passes, as `nitro optimize` uses them for ONNX Runtime, around the lossy ones."""
    yield from CLEAN + ["fuse-layer-norm", "fuse-gelu"]
    yield from (with_calibration(step, calibration) for step in before)
    yield from CLEAN + ["fold-input-normalization", "merge-linears"] + CLEAN + ["fuse-attention"] + CLEAN
    yield from (with_calibration(step, calibration) for step in after)
    for step in ("lower-patch-embedding", "window-order", "hoist-gathers"):
        yield from [step] + CLEAN
    yield from ["fuse-bias-gelu", "lower-linear"] + CLEAN


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def interleaved(paths, rounds):
    """Milliseconds of each model in each round."""
    sessions = [session(path) for path in paths]
    image = {sessions[0].get_inputs()[0].name: numpy.random.default_rng(1).normal(size=(1, 3, 224, 224)).astype("f4")}
    times = [[] for _ in paths]
    for turn in range(rounds + 3):
        for each, taken in zip(sessions, times):
            start = time.perf_counter()
            each.run(None, image)
            if turn >= 3:
                taken.append(1e3 * (time.perf_counter() - start))
    return times


class Bench:
    def __init__(self, arguments):
        self.nitro, self.test, self.limit, self.out = arguments.nitro, arguments.test, arguments.limit, arguments.out
        self.out.mkdir(parents=True, exist_ok=True)
        self.calibration = self.out / "calibration.json"
        if not self.calibration.exists():
            self.run("calibrate", MODEL, "--data", arguments.train, "--limit", 200, "--moments", "-o", self.calibration)
        self.original = self.out / "original.onnx"
        self.run("export", MODEL, "-o", self.original, "--force")
        self.reference = self.out / "original.json"
        self.evaluate(self.original, self.reference)

    def run(self, *words):
        done = subprocess.run([self.nitro, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"nitro {' '.join(map(str, words))}: {done.stderr[-2000:]}")

    def evaluate(self, model, result, *more):
        """Top-1 in percent of each modality."""
        self.run("eval", model, "--data", self.test, "--text", "training/demo/text.npy", "--classes",
                 "training/demo/classes.txt", "--limit", self.limit, "--threads", 2, "-o", result, "--force", *more)
        return json.loads(result.read_text())

    def row(self, name, before, after):
        model = self.out / (name.replace(" ", "_").replace(",", "") + ".onnx")
        passes = [word for step in recipe(before, after, self.calibration) for word in ("--pass", step)]
        self.run("apply", MODEL, *passes, "-o", model, "--force")
        found = self.evaluate(model, model.with_suffix(".json"), "--reference", self.reference)
        return name, model, found


def print_table(bench, rows, times):
    modalities = json.loads(bench.reference.read_text())["modalities"]
    original = statistics.median(times[0])
    print("original: " + ", ".join(f"{each['modality']} {100 * each['numbers']['top1']:.1f} %" for each in modalities)
          + f", {original:.2f} ms")
    print(f"{'VARIANT':<36}" + "".join(f"{each['modality'].upper() + ' [95 %]':>24}" for each in modalities)
          + f"{'AGREE':>8}{'MS':>8}{'FASTER':>8}")
    for (name, _, found), taken in zip(rows, times[1:]):
        text = f"{name:<36}"
        for each in found["modalities"]:
            points = [100 * each["reference"]["comparison"][key] for key in ("difference", "low", "high")]
            text += "{:>24}".format("{:+.1f} [{:+.1f}, {:+.1f}]".format(*points))
        agreement = statistics.mean(each["reference"]["agreement"] for each in found["modalities"])
        gain = statistics.median(first / second for first, second in zip(times[0], taken))
        print(text + f"{100 * agreement:6.1f} %{statistics.median(taken):8.2f}{gain:7.2f}x")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nitro")
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--limit", type=int, default=0, help="scenes of TEST; 0: all")
    parser.add_argument("--rounds", type=int, default=40, help="of the times")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("out/bench/lossy"))
    arguments = parser.parse_args()
    bench = Bench(arguments)
    rows = [bench.row(*each) for each in variants() if not arguments.names or each[0] in arguments.names]
    times = interleaved([bench.original, *(model for _, model, _ in rows)], arguments.rounds)
    print_table(bench, rows, times)


if __name__ == "__main__":
    main()
