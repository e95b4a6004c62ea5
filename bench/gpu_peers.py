#!/usr/bin/env python3
"""Times Nitro's CUDA engine against PyTorch, ONNX Runtime and TensorRT on one GPU in fp16.

    gpu_peers.py [--models M,...] [--batches 1,2] [--contestants C,...] [--quick] [--out FILE]
    gpu_peers.py --check-cpu          the PyTorch models against ONNX Runtime, without a GPU

Each model and batch runs in a process of its own: a contestant that crashes is named, and the
others run again without it. $NITRO is the program that writes the models.
"""

import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys

import gpu_report

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODELS = ("edgevl-swin-t", "edgevl-swin-s", "edgevl-vit-s", "edgevl-vit-b")


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words = lambda text: text.split(",")  # noqa: E731
    parser.add_argument("--models", type=words, default=list(MODELS))
    parser.add_argument("--batches", type=lambda text: [int(n) for n in text.split(",")],
                        default=[1, 2])
    parser.add_argument("--contestants", type=words, default=[],
                        help="their names or first words of these: nitro, eager, graph, reduce-overhead, "
                        "max-autotune, onnxruntime, tensorrt; default: all")
    parser.add_argument("--quick", action="store_true", help="without max-autotune")
    parser.add_argument("--turns", type=int, default=40, help="of each contestant")
    parser.add_argument("--turn-ms", type=float, default=20)
    parser.add_argument("--limit", type=int, default=300,
                        help="seconds to prepare the contestants of one model and batch; those not "
                        "ready by then are left out")
    parser.add_argument("--plans", type=pathlib.Path,
                        help="a folder with MODEL-bBATCH.plan for Nitro to run; default: plans of "
                        "the zoo's ONNX files, which the others run")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "out" / "bench" / "peers",
                        help="for the models")
    parser.add_argument("--out", type=pathlib.Path, help="for the table, with JSON beside")
    parser.add_argument("--check-cpu", action="store_true")
    return parser.parse_args()


def program():
    return os.environ.get("NITRO", str(ROOT / "build" / "release" / "nitro"))


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def version():
    """Nitro's, with the commit where this is a clone."""
    commit = output_of("git", "-C", str(ROOT), "describe", "--always", "--dirty")
    return f"{output_of(program(), '--version')} {commit}".strip()


def exported(model, batch, folder):
    """The zoo's ONNX file of `model`."""
    path = folder / f"{model}-b{batch}.onnx"
    command = [program(), "zoo", "export", model, "--batch", str(batch), "--force", "-o", str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


def events_of(request):
    """The events that gpu_worker.py sends for `request`, and its exit status in the end."""
    read, write = os.pipe()
    command = [sys.executable, str(ROOT / "bench" / "gpu_worker.py"), str(write)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=sys.stderr, text=True,
                               pass_fds=[write])
    os.close(write)
    process.stdin.write(json.dumps(request))
    process.stdin.close()
    with open(read, encoding="utf-8") as pipe:
        for line in pipe:
            yield json.loads(line)
    yield {"exit": process.wait()}


def run_case(request, report):
    """Fills `report` with the events of a model and batch. A process that dies is started again
    without the contestant at which it died."""
    excluded = []
    while True:
        current = None
        for event in events_of({**request, "excluded": excluded}):
            if "current" in event:
                current = event["current"]
            elif "exit" in event:
                status = event["exit"]
            else:
                report.add(event)
        if status == 0:
            return
        if current is None or current in excluded:
            report.add({"failed": "the process", "reason": f"ended with status {status}"})
            return
        excluded.append(current)
        report.add({"failed": current, "reason": f"its process ended with status {status}"})


def plan_of(arguments, model, batch):
    """What Nitro runs: a plan of --plans, or one made here."""
    name = f"{model}-b{batch}.plan"
    if arguments.plans is not None and (arguments.plans / name).exists():
        return arguments.plans / name
    path = arguments.folder / name
    command = [program(), "export", str(exported(model, batch, arguments.folder)), "--plan", "--force",
               "-o", str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


def check_cpu(arguments):
    import check_edgevl_torch

    same = [check_edgevl_torch.equal(model, exported(model, batch, arguments.folder), batch)
            for model in arguments.models for batch in arguments.batches]
    return 0 if all(same) else 1


def measure(arguments):
    report = gpu_report.Report(arguments.out)
    date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    report.header({"date": date, "nitro": version()})
    run_case({"kind": "device"}, report)
    for batch in arguments.batches:
        for model in arguments.models:
            report.case(model, batch)
            run_case({
                "kind": "case",
                "model": model,
                "batch": batch,
                "onnx": str(exported(model, batch, arguments.folder)),
                "plan": str(plan_of(arguments, model, batch)),
                "contestants": arguments.contestants,
                "quick": arguments.quick,
                "turns": arguments.turns,
                "turn_ms": arguments.turn_ms,
                "limit": arguments.limit,
                "rates": report.document.get("rates"),
            }, report)
    report.close()
    return 0


def main():
    arguments = parsed_arguments()
    unknown = set(arguments.models) - set(MODELS)
    if unknown:
        sys.exit(f"gpu_peers.py: no model is called {', '.join(sorted(unknown))}")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    return check_cpu(arguments) if arguments.check_cpu else measure(arguments)


if __name__ == "__main__":
    sys.exit(main())
