"""python -m nitro.fleet simulate: the scheduling of a search on made-up devices, in made-up time.

The search asks for one trial after the other and has as many under way as there are devices. Trials take lognormal times; some
devices are slow, some fail in mid-trial and come back, some answers come twice. What is counted: how much of the devices' time
went into answers that counted, and whether every trial was counted once.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import heapq
import itertools
import random
import time

from nitro.fleet.scheduler import Scheduler


@dataclasses.dataclass
class Setting:
    devices: int = 10
    trials_per_device: int = 20
    median_s: float = 60.0  # of a trial
    spread: float = 0.5  # of its logarithm
    ask_s: float = 0.1  # that the search takes for each trial, one after the other: Optuna, mostly
    slow: float = 0.02  # share of the devices, which take
    slowness: float = 20.0  # times as long
    loss: float = 0.01  # of attempts that end with their device
    back_s: float = 120.0  # until it is there again
    twice: float = 0.01  # of answers
    seed: int = 1


@dataclasses.dataclass
class Outcome:
    seconds: float  # made-up, from the first trial to the end of the last
    counted: collections.Counter  # answers, by trial
    failed: int  # trials that were given up
    useful_s: float  # of devices, for answers that counted
    retries: int
    duplicates: int
    scheduling_s: float  # real, of the scheduler

    def lost(self, trials: int) -> int:
        return trials - len(self.counted)

    def twice(self) -> int:
        return sum(count > 1 for count in self.counted.values())


class Simulation:
    """A search on one fleet. Events are (time, order, function, arguments)."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self._random = random.Random(setting.seed)
        self._scheduler = Scheduler(floor=2 * setting.median_s)
        self._events: list = []
        self._order = itertools.count()
        self._now = 0.0
        self._trials = setting.devices * setting.trials_per_device
        self._asked = 0
        self._under_way = 0
        self._asking = False
        self._outcome = Outcome(0.0, collections.Counter(), 0, 0.0, 0, 0, 0.0)
        self._alarm = float("inf")  # the next deadline that is among the events
        self._slow = set()

    def run(self) -> Outcome:
        for i in range(self._setting.devices):
            name = f"device {i}"
            if self._random.random() < self._setting.slow:
                self._slow.add(name)
            self._scheduler.join(name)
        start = time.process_time()
        self._ask()
        while self._events and len(self._outcome.counted) < self._trials:
            self._now, _, act, arguments = heapq.heappop(self._events)
            act(*arguments)
            self._go_on()
        self._outcome.scheduling_s = time.process_time() - start
        self._outcome.seconds = self._now
        self._outcome.retries = self._scheduler.retries
        self._outcome.duplicates = self._scheduler.duplicates
        return self._outcome

    def _at(self, when: float, act, *arguments) -> None:
        heapq.heappush(self._events, (when, next(self._order), act, arguments))

    def _ask(self) -> None:
        """The search is busy with the next trial, where there is room for one."""
        if not self._asking and self._asked < self._trials and self._under_way < self._setting.devices:
            self._asking = True
            self._at(self._now + self._setting.ask_s, self._submit)

    def _submit(self) -> None:
        self._asking = False
        self._scheduler.submit(self._asked, None)
        self._asked += 1
        self._under_way += 1

    def _go_on(self) -> None:
        for name in self._scheduler.hanging(self._now):
            self._lose(name)
        while (answer := self._scheduler.take()) is not None:
            self._outcome.counted[answer.number] += 1
            self._outcome.failed += bool(answer.error)
            self._under_way -= 1
        self._ask()
        if not self._asking:
            self._scheduler.help(self._now)
        for name, number, _ in self._scheduler.assign(self._now):
            self._begin(name, number)
        self._wake_at(self._scheduler.next_deadline())

    def _wake_at(self, deadline: float | None) -> None:
        """Deadlines pass while nothing else happens, too."""
        if deadline is not None and deadline < self._alarm or self._alarm <= self._now:
            self._alarm = float("inf") if deadline is None else deadline
            if deadline is not None:
                self._at(deadline, lambda: None)

    def _begin(self, name: str, number: int) -> None:
        took = self._setting.median_s * self._random.lognormvariate(0, self._setting.spread)
        took *= self._setting.slowness if name in self._slow else 1
        if self._random.random() < self._setting.loss:
            self._at(self._now + took * self._random.random(), self._lose, name)
            return
        self._at(self._now + took, self._answer, name, number, took)
        if self._random.random() < self._setting.twice:
            self._at(self._now + took + 1, self._answer, name, number, took)

    def _answer(self, name: str, number: int, took: float) -> None:
        if self._scheduler.answered(name, number, None, self._now):
            self._outcome.useful_s += took

    def _lose(self, name: str) -> None:
        if name in self._scheduler.devices:
            self._scheduler.leave(name, "lost")
            self._at(self._now + self._setting.back_s, self._scheduler.join, name)


def line(setting: Setting) -> str:
    outcome = Simulation(setting).run()
    trials = setting.devices * setting.trials_per_device
    devices_s = outcome.seconds * setting.devices
    per_trial = 1e6 * outcome.scheduling_s / trials
    return (f"{setting.devices:7} {trials:7} {3600 * trials / outcome.seconds:9.0f} {100 * outcome.useful_s / devices_s:7.1f} % "
            f"{100 * (1 - outcome.useful_s / devices_s):7.1f} % {outcome.retries:8} {outcome.duplicates:10} {outcome.failed:6} "
            f"{outcome.lost(trials):5} {outcome.twice():6} {per_trial:9.0f} us")


HEADING = "devices  trials  trials/h      busy idle/lost  retries duplicates failed  lost  twice  per trial"


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m nitro.fleet simulate", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", default="1,10,100,1000", help="numbers of devices (default 1,10,100,1000)")
    for field in dataclasses.fields(Setting)[1:]:
        kind = type(field.default)
        parser.add_argument("--" + field.name.replace("_", "-"), type=kind, default=field.default, help=f"default {field.default}")
    options = vars(parser.parse_args(words))
    counts = [int(count) for count in options.pop("devices").split(",")]
    print(HEADING)
    for count in counts:
        print(line(Setting(devices=count, **options)), flush=True)
