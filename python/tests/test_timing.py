"""The timed loops, on a clock that does not depend on the machine."""

import math

import pytest

from nitro.runners import timing


class FakeClock:
    """A steady clock that only frames move."""

    def __init__(self, monkeypatch):
        self.now = 1_000
        monkeypatch.setattr(timing, "perf_counter_ns", lambda: self.now)
        monkeypatch.setattr(timing, "sleep", lambda seconds: None)

    def frame(self, *durations, log=None, name=None):
        position = 0

        def run():
            nonlocal position
            self.now += durations[min(position, len(durations) - 1)]
            position += 1
            if log is not None:
                log.append(name)

        return run


@pytest.fixture
def clock(monkeypatch):
    return FakeClock(monkeypatch)


RULES = {
    "min_samples": 10,
    "max_samples": 1000,
    "min_ns": 0,
    "max_ns": 10**12,
    "half_width": 0.0,
}


def test_warm_up_lasts_until_stable(clock):
    slow_then_steady = [1_000_000 - 20_000 * i for i in range(40)] + [200_000]
    result = timing.warm_up(clock.frame(*slow_then_steady), 0, 10**12)
    assert result["stable"]
    assert 50 <= result["frames"] <= 60  # most of both windows lie after the last change
    assert result["frame_ns"] == 200_000


def test_warm_up_lasts_its_time(clock):
    result = timing.warm_up(clock.frame(1_000), 200_000, 10**12)
    assert result["frames"] == 200 and result["stable"]


def test_warm_up_is_bounded(clock):
    ever_slower = [int(1_000 * 1.05**i) for i in range(200)]
    result = timing.warm_up(clock.frame(*ever_slower), 0, 500_000)
    assert not result["stable"]
    assert 500_000 <= result["ns"] < 550_000


@pytest.mark.parametrize(
    "count, low, high",  # the table of the exact order-statistics interval
    [(6, 1, 6), (8, 1, 8), (10, 2, 9), (15, 4, 12), (20, 6, 15), (50, 18, 33), (1000, 469, 532)],
)
def test_half_width_uses_the_exact_ranks(count, low, high):
    samples = [100_000 + i for i in range(1, count + 1)]
    middle = 100_000 + (count + 1) / 2
    assert timing.relative_half_width(samples[::-1]) == pytest.approx((high - low) / (2 * middle))


def test_no_interval_below_six_samples():
    assert timing.relative_half_width([1, 1, 1, 1, 1]) == math.inf


def test_alternates_abba(clock):
    log = []
    frames = [clock.frame(10**7, log=log, name="a"), clock.frame(10**7, log=log, name="b")]
    results, stopped = timing.alternate(frames, 1, {**RULES, "max_samples": 4})
    # Each turn is one frame to settle and one sample.
    assert "".join(log) == "aabb" "bbaa" "aabb" "bbaa"
    assert stopped == "count"
    assert [len(r["samples_ns"]) for r in results] == [4, 4]


def test_stops_when_precise(clock):
    results, stopped = timing.alternate([clock.frame(1000)], 1, {**RULES, "half_width": 0.01})
    assert stopped == "precise"
    assert len(results[0]["samples_ns"]) == 10


def test_stops_by_time_but_not_before_the_least_count(clock):
    results, stopped = timing.alternate([clock.frame(1000)], 1, {**RULES, "max_ns": 1500})
    assert stopped == "timeout"
    assert results[0]["samples_ns"] == [1000] * 10
    assert results[0]["stamps_ns"] == [1000 + 1000 * i for i in range(10)]


def test_noise_is_not_called_precise(clock):
    noisy = [1000, 2000] * 600
    _, stopped = timing.alternate([clock.frame(*noisy)], 1, {**RULES, "half_width": 0.01})
    assert stopped == "count"


def test_a_wanted_stop_leaves_each_frame_a_sample(clock, monkeypatch):
    monkeypatch.setattr(timing.Stop, "wanted", False)
    log = []

    def stopping():
        log.append("b")
        clock.now += 1_000
        timing.Stop.want()

    frames = [clock.frame(1_000, log=log, name="a"), stopping, clock.frame(1_000)]
    results, stopped_by = timing.alternate(frames, 5, RULES)
    assert stopped_by == "interrupted"
    assert len(results[1]["samples_ns"]) == 1 and len(results[2]["samples_ns"]) == 1
    assert all(len(r["samples_ns"]) == len(r["stamps_ns"]) for r in results)
    assert timing.warm_up(clock.frame(1_000), 10**9, 10**9)["frames"] == 0
