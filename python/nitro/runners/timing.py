"""The timed loops. A frame is a call that executes one workload once; times are nanoseconds of the
steady clock."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable
from contextlib import contextmanager
from statistics import median
from time import perf_counter_ns, sleep

Frame = Callable[[], None]

STABLE_WINDOW = 10
STABLE_WITHIN = 0.02

# Thread pools of libraries spin for about a millisecond after their last work, and would take a core
# from the next variant: after a switch this much passes untimed.
SETTLE_NS = 5_000_000
# Frames of one variant in a row last about this long.
TURN_NS = 20_000_000


class Stop:
    """Whether the client wants what there is."""

    wanted = False

    @classmethod
    def want(cls, *_) -> None:
        """The handler of SIGINT."""
        cls.wanted = True


@contextmanager
def collector_paused():
    """Keeps Python's garbage collector out of the samples."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def sample(frame: Frame) -> tuple[int, int]:
    """(start, duration) of one frame."""
    start = perf_counter_ns()
    frame()
    return start, perf_counter_ns() - start


def is_stable(durations: list[int]) -> bool:
    """Whether the median of the last ten is within 2 % of that of the ten before."""
    if len(durations) < 2 * STABLE_WINDOW:
        return False
    last = median(durations[-STABLE_WINDOW:])
    before = median(durations[-2 * STABLE_WINDOW : -STABLE_WINDOW])
    return abs(last - before) <= STABLE_WITHIN * before


def warm_up(frame: Frame, at_least_ns: int, at_most_ns: int) -> dict:
    """Runs until both `at_least_ns` have passed and the times are stable, but no longer than
    `at_most_ns` (the last frame may end after it) or until a stop is wanted. `frame_ns` is the
    median of the last ten."""
    durations: list[int] = []
    begin = perf_counter_ns()
    while True:
        elapsed = perf_counter_ns() - begin
        stable = is_stable(durations)
        enough = elapsed >= at_least_ns and stable
        if enough or elapsed >= max(at_least_ns, at_most_ns) or Stop.wanted:
            frame_ns = int(median(durations[-STABLE_WINDOW:] or [0]))
            return {
                "frames": len(durations),
                "ns": elapsed,
                "stable": stable,
                "frame_ns": frame_ns,
            }
        durations.append(sample(frame)[1])


def relative_half_width(durations: list[int]) -> float:
    """Half the 95 % order-statistics interval of the median over the median; inf below 6 samples."""
    n = len(durations)
    if n < 6:
        return math.inf
    ordered = sorted(durations)
    rank, below = 0, 0.0
    # P[fewer than `rank` samples under the median], summed while it stays under 2.5 %.
    while True:
        log_term = math.lgamma(n + 1) - math.lgamma(rank + 1) - math.lgamma(n - rank + 1)
        below += math.exp(log_term - n * math.log(2))
        if below > 0.025:
            break
        rank += 1
    middle = median(ordered)
    return (ordered[n - rank] - ordered[rank - 1]) / (2 * middle) if middle else math.inf


def settle(frame: Frame) -> None:
    """Lets what ran before come to rest, then brings `frame` back to its pace."""
    sleep(SETTLE_NS / 1e9)
    begin = perf_counter_ns()
    if sample(frame)[1] < SETTLE_NS:
        while perf_counter_ns() - begin < SETTLE_NS:
            frame()


def alternate(frames: list[Frame], turn: int, rules: dict) -> tuple[list[dict], str]:
    """Samples all frames in turns of `turn` frames in the order A B B A A B B A ..., so that drift
    hits each alike.

    `rules`: min_samples, max_samples (per frame), min_ns, max_ns (accumulated over all frames),
    half_width (0: no early stop). Returns per frame {samples_ns, stamps_ns}, and what stopped it:
    "precise", "count", "timeout", or "interrupted" once a stop is wanted and each frame has a
    sample.
    """
    results: list[dict] = [{"samples_ns": [], "stamps_ns": []} for _ in frames]
    order = list(range(len(frames)))
    begin = perf_counter_ns()
    next_check = rules["min_samples"]
    count = 0
    with collector_paused():
        while True:
            turn = max(1, min(turn, rules["max_samples"] - count))
            for index in order:
                if len(frames) > 1 and not Stop.wanted:
                    settle(frames[index])
                for _ in range(turn):
                    if Stop.wanted and results[index]["samples_ns"]:
                        break
                    stamp, duration = sample(frames[index])
                    results[index]["stamps_ns"].append(stamp)
                    results[index]["samples_ns"].append(max(duration, 1))
            if Stop.wanted:
                return results, "interrupted"
            order.reverse()
            count += turn
            elapsed = perf_counter_ns() - begin
            if count >= rules["max_samples"]:
                return results, "count"
            if count < rules["min_samples"]:
                continue
            if elapsed >= rules["max_ns"]:
                return results, "timeout"
            # At growing counts: sorting after every sample would cool the caches it measures.
            if rules["half_width"] > 0 and elapsed >= rules["min_ns"] and count >= next_check:
                next_check = count + max(1, count // 10)
                widths = [relative_half_width(result["samples_ns"]) for result in results]
                if max(widths) <= rules["half_width"]:
                    return results, "precise"
