#!/usr/bin/env python3
"""The process of gpu_peers.py that uses the GPU: measures the device, or one model and batch.

    gpu_worker.py DESCRIPTOR < REQUEST      events as lines of JSON to the file descriptor
"""

import contextlib
import importlib.metadata
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys
import time

import numpy
import torch

import edgevl_torch
import gpu_contestants
import gpu_floor
from gpu_timing import clocks_under_load, summary, take_turns, warm_up

PACKAGES = ("torch", "triton", "onnxruntime-gpu", "onnxruntime", "tensorrt", "onnx", "numpy")


class Late(BaseException):
    """The time to prepare the contestants is spent. No Exception: compilers catch those."""


@contextlib.contextmanager
def limited(seconds):
    """Raises Late in the block if it takes longer."""
    if seconds <= 0:
        raise Late

    def stop(*_):
        raise Late

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(max(1, round(seconds)))
    try:
        yield
    finally:
        signal.alarm(0)


def versions():
    found = {"python": platform.python_version(), "cuda of torch": torch.version.cuda}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def driver():
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.split("\n")[0]
    except OSError:
        return "unknown"


def describe_device(send, stream):
    properties = torch.cuda.get_device_properties(stream.device)
    send({"header": {
        "device": properties.name,
        "multiprocessors": properties.multi_processor_count,
        "driver": driver(),
        "versions": versions(),
    }})
    send({"rates": gpu_floor.rates(stream)})


def one_line(error):
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) < 300 else text[:300] + " …"


def cosine(a, b):
    """The smallest of the rows."""
    a, b = a.astype(numpy.float64), b.astype(numpy.float64)
    lengths = numpy.linalg.norm(a, axis=1) * numpy.linalg.norm(b, axis=1)
    return float(((a * b).sum(1) / lengths).min())


class Case:
    """A model and batch: prepares contestants and times all that are ready against each other."""

    def __init__(self, request, send, stream):
        self.request = request
        self.send = send
        self.stream = stream
        batch, side = request["batch"], edgevl_torch.IMAGE
        image = numpy.random.default_rng(batch).standard_normal((batch, 3, side, side))
        self.task = gpu_contestants.Task(
            request["model"], pathlib.Path(request["onnx"]), pathlib.Path(request["plan"]),
            torch.from_numpy(image.astype(numpy.float16).astype(numpy.float32)).to(stream.device),
            stream)
        model, self.expected = gpu_contestants.reference(self.task)
        self.work = gpu_floor.work(model, self.task.image)
        self.ready = []
        self.cosines = {}

    def names(self):
        wanted = self.request["contestants"]
        for name in gpu_contestants.names(self.request["model"]):
            way = name.split()[0]
            if (wanted and not {way, name} & set(wanted)) or name in self.request["excluded"]:
                continue
            if not (self.request["quick"] and way in gpu_contestants.SLOW):
                yield name

    def prepare(self, name, seconds):
        """Whether the contestant is ready."""
        self.send({"current": name})
        start = time.monotonic()
        try:
            with limited(seconds):
                contestant = gpu_contestants.prepare(name, self.task)
                warm_up(contestant.launch, self.stream, 0.1)
                self.cosines[name] = cosine(contestant.output(), self.expected)
        except gpu_contestants.Absent as error:
            self.send({"absent": name, "reason": str(error)})
        except Late:
            self.send({"failed": name, "reason": "not ready within the limit"})
        except Exception as error:  # a contestant that fails is a result
            self.send({"failed": name, "reason": one_line(error)})
            torch.cuda.synchronize()  # if this fails too, no other contestant can run here
        else:
            self.ready.append(contestant)
            self.send({"prepared": name, "seconds": round(time.monotonic() - start, 1)})
            return True
        return False

    def floor(self):
        steps = next((each.steps for each in self.ready if each.steps), None)
        counted = "steps of Nitro's plan" if steps else "products, one launch each"
        steps = steps or self.work["products"]
        rates = self.request["rates"]
        bounds = gpu_floor.floor(self.work, steps, rates) if rates else {}
        return {**self.work, "steps": steps, "steps_are": counted, "ms": bounds}

    def time(self):
        first = self.ready[0].launch
        self.send({"current": self.ready[0].name})
        before = clocks_under_load(first, self.stream)
        times = take_turns(self.ready, self.stream, self.request["turns"], self.request["turn_ms"],
                           lambda contestant: self.send({"current": contestant.name}))
        self.send({"current": self.ready[0].name})
        after = clocks_under_load(first, self.stream)
        rows = []
        for contestant, each in zip(self.ready, times):
            name = contestant.name
            rows.append({"contestant": name, "queued_ms": summary(each.queued),
                         "single_ms": summary(each.single), "cosine": self.cosines[name]})
        nitro = next((t for c, t in zip(self.ready, times) if c.name == "nitro"), None)
        if nitro:
            for row, each in zip(rows, times):  # of the same turn, so of the same clock
                row["speedup"] = summary([a / b for a, b in zip(each.queued, nitro.queued)])
        self.send({"rows": rows, "clocks": {"before": before, "after": after},
                   "floor": self.floor()})

    def run(self):
        """Times what is quick to prepare first: an interruption then leaves those results."""
        end = time.monotonic() + self.request["limit"]
        slow = [name for name in self.names() if name.split()[0] in gpu_contestants.SLOW]
        quick = [name for name in self.names() if name not in slow]
        for group in (quick, slow):
            new = [self.prepare(name, end - time.monotonic()) for name in group]
            if any(new):
                self.time()


def main():
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.set_grad_enabled(False)
    pipe = os.fdopen(int(sys.argv[1]), "w", encoding="utf-8")

    def send(event):
        print(json.dumps(event), file=pipe, flush=True)

    request = json.load(sys.stdin)
    if not torch.cuda.is_available():
        send({"failed": "everything", "reason": "PyTorch sees no CUDA device here"})
        return
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        if request["kind"] == "device":
            describe_device(send, stream)
        else:
            Case(request, send, stream).run()


if __name__ == "__main__":
    main()
