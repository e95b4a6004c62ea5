"""Times callables on one GPU in interleaved turns."""

import dataclasses
import math
import statistics
import subprocess
import time
from collections.abc import Callable

import numpy
import torch


@dataclasses.dataclass
class Contestant:
    name: str
    launch: Callable[[torch.cuda.Stream], None]  # one forward pass, queued; that stream is current
    output: Callable[[], numpy.ndarray]          # of the last pass, once the stream has finished
    steps: int | None = None                     # launches in a pass, where known


@dataclasses.dataclass
class Times:
    """Milliseconds of a pass, one entry per turn."""

    queued: list[float] = dataclasses.field(default_factory=list)  # many passes in a row, divided
    single: list[float] = dataclasses.field(default_factory=list)  # one pass and its wait, by clock


def interval(samples):
    """The 95 % confidence interval of the median by order statistics; of few, the range."""
    ordered = sorted(samples)
    below, rank = 0.0, 0
    while rank < len(ordered) // 2:
        below += math.comb(len(ordered), rank) / 2 ** len(ordered)
        if below > 0.025:
            break
        rank += 1
    rank = max(rank, 1)
    return ordered[rank - 1], ordered[len(ordered) - rank]


def summary(samples):
    low, high = interval(samples)
    return {"median": statistics.median(samples), "low": low, "high": high, "turns": len(samples)}


def time_queued(launch, stream, count):
    """Milliseconds of a pass among `count` queued in a row, by events around all of them."""
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record(stream)
    for _ in range(count):
        launch(stream)
    end.record(stream)
    end.synchronize()
    return begin.elapsed_time(end) / count


def time_single(launch, stream):
    """Milliseconds from the call until the stream is idle again."""
    start = time.perf_counter()
    launch(stream)
    stream.synchronize()
    return (time.perf_counter() - start) * 1e3


def warm_up(launch, stream, seconds):
    end = time.perf_counter() + seconds
    count = 0
    while count < 5 or time.perf_counter() < end:
        launch(stream)
        stream.synchronize()
        count += 1


def take_turns(contestants, stream, turns, turn_ms, announce):
    """`turns` turns of about `turn_ms` each, in the order A B C, C B A, …: [Times] beside
    `contestants`. Calls announce(contestant) before each turn."""
    counts = []
    for each in contestants:
        announce(each)
        warm_up(each.launch, stream, 0.1)
        counts.append(max(1, round(turn_ms / time_queued(each.launch, stream, 5))))
    times = [Times() for _ in contestants]
    order = list(range(len(contestants)))
    for _ in range(turns):
        for i in order:
            announce(contestants[i])
            launch = contestants[i].launch
            for _ in range(2):  # what the predecessor left in the caches is not this one's time
                launch(stream)
            stream.synchronize()
            times[i].queued.append(time_queued(launch, stream, counts[i]))
            times[i].single.append(statistics.median(time_single(launch, stream) for _ in range(5)))
        order.reverse()
    return times


CLOCKS = ["clocks.sm", "clocks.mem", "temperature.gpu", "power.draw"]
REASONS = ("clocks_event_reasons.active", "clocks_throttle_reasons.active")  # newer, older drivers


def queried(fields, uuid, wait):
    """What nvidia-smi says of the GPU, or None. Calls wait() until it has answered."""
    command = ["nvidia-smi", f"--query-gpu=uuid,{','.join(fields)}", "--format=csv,noheader"]
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    except OSError:
        return None
    while process.poll() is None:
        wait()
    lines = process.stdout.read().splitlines()
    if process.returncode != 0 or not lines:
        return None
    line = next((line for line in lines if uuid in line), lines[0])
    return dict(zip(fields, (value.strip() for value in line.split(",")[1:])))


def clocks_under_load(launch, stream):
    """Clocks while the device works: a dict of texts, empty without nvidia-smi."""
    uuid = str(torch.cuda.get_device_properties(stream.device).uuid)
    for reason in REASONS:
        found = queried([*CLOCKS, reason], uuid, lambda: time_queued(launch, stream, 10))
        if found:
            return found
    return {}
