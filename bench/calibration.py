#!/usr/bin/env python3
"""How well networks are predicted on this machine's GPU by Nitro's rates before and after `nitro devices
calibrate`, against `nitro profile` there: calibration.py NITRO [RUN.toml]. Which of them the calibration itself
measured is marked: for these, its own report has the error by rates fitted without their family."""

import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

MODELS = "edgevl-swin-t edgevl-swin-s edgevl-vit-s edgevl-vit-b edgevl-dat-t clip-vit-b32".split()


def document(nitro, *words):
    done = subprocess.run([nitro, *map(str, words), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"nitro {' '.join(map(str, words))}: {done.stderr}")
    return json.loads(done.stdout)


def print_calibration(found):
    environment = found["environment"]
    print(f"# {environment.get('device')}, driver {environment.get('driver')}, "
          f"{environment.get('multiprocessors')} multiprocessors")
    print(found["toml"])
    print(f"{'benchmark':<52}precision  measured us   before  held out    after")
    for row in found["benchmarks"]:
        off = ["%+7.1f %%" % (100 * (row[key] / row["measured_ns"] - 1)) for key in ("before_ns", "held_out_ns", "after_ns")]
        print(f"{row['name']:<52}{row['precision']:<10}{row['measured_ns'] / 1e3:12.1f} {' '.join(off)}")
    for key in ("before", "held_out"):
        print(f"networks, {key}: median error {100 * found[key]['median']:.1f} %, of {found[key]['count']}")
    print(f"intervals of 90 %, made without the family, hold {100 * found['coverage']:.0f} %")
    for reason in found["left_out"]:
        print("left out:", reason)


def main():
    nitro = sys.argv[1]
    folder = pathlib.Path(tempfile.mkdtemp())
    calibrated = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else folder / "gpu.toml"
    found = document(nitro, "devices", "calibrate", "-o", calibrated, "--force")
    print_calibration(found)
    peaks = folder / "peaks.toml"  # the same device by the rates that ship
    peaks.write_text(re.split(r"^\[rates", found["toml"], flags=re.M)[0])
    known = {row["name"] for row in found["benchmarks"]}
    errors = {peaks: [], calibrated: []}
    print(f"\n{'network, FP16':<16}measured us  before us          after us [interval of 90 %]")
    for model in MODELS:
        result = document(nitro, "profile", f"zoo:{model}", "--runner", "cuda", "--repetitions", 2)
        measured = result["baseline"]["summary"]["median_ns"]
        line = f"{model:<16}{measured / 1e3:11.1f}"
        for device in (peaks, calibrated):
            guess = document(nitro, "predict", f"zoo:{model}", "--device", device, "--runtime", "nitro")
            errors[device].append(guess["predicted_ns"] / measured - 1)
            line += f"  {guess['predicted_ns'] / 1e3:9.1f} {100 * errors[device][-1]:+7.1f} %"
        line += f" [{guess['low_ns'] / 1e3:.1f}, {guess['high_ns'] / 1e3:.1f}]"
        print(line + ("  measured by the calibration too" if model in known else ""), flush=True)
    for word, device in (("before", peaks), ("after", calibrated)):
        print(f"{word}: median error {100 * statistics.median(map(abs, errors[device])):.1f} %")


if __name__ == "__main__":
    main()
