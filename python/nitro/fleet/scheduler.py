"""Which device measures which trial. Knows nothing of Ray and of clocks: time is what the caller says, in seconds.

A device measures one trial at a time. A trial is over with the first answer that comes from any of its attempts, and is handed
out once; what comes later is a duplicate. An attempt is lost with its device, or where the device says that it failed. Once it
takes longer than its limit the trial is given to another device, too, and the answer of either will do. A trial of which
MOST_ATTEMPTS were lost is over as failed: it may be what kills.
"""

from __future__ import annotations

import bisect
import collections
import dataclasses
import heapq

MOST_ATTEMPTS = 3
PATIENCE = 10  # times the median of what has finished
STRAGGLES = 2  # times the median: worth a second device that has nothing else to do
RESTART = 6  # times its limit: then a device is not slow, but hangs


@dataclasses.dataclass
class Attempt:
    number: int
    started: float
    overdue: bool = False
    helped: bool = False  # its trial was given to another device, too


@dataclasses.dataclass
class Device:
    attempt: Attempt | None = None
    longest: float = 0.0  # that it took for an answer


@dataclasses.dataclass
class Trial:
    request: object
    attempts: int = 0
    running: set[str] = dataclasses.field(default_factory=set)  # names of devices
    reasons: dict[str, str] = dataclasses.field(default_factory=dict)  # by the devices that lost it
    waiting: bool = True


@dataclasses.dataclass
class Answer:
    """What comes of a trial: an answer and the device that gave it, or why there is none."""
    number: int
    device: str = ""
    reply: object = None
    error: str = ""


class Scheduler:
    def __init__(self, floor: float):
        """`floor`: seconds that a trial may take at least, as long as its device lives."""
        self.devices: dict[str, Device] = {}
        self.retries = 0  # attempts after the first
        self.duplicates = 0  # answers that came too late
        self._floor = floor
        self._durations: list[float] = []  # sorted
        self._trials: dict[int, Trial] = {}  # those that are not over
        self._waiting: collections.deque[int] = collections.deque()
        self._free: dict[str, None] = {}  # in the order in which they became so
        self._deadlines: list[tuple[float, str, float]] = []  # with the start of the attempt
        self._over: collections.deque[Answer] = collections.deque()

    def join(self, name: str) -> None:
        """A device that is ready."""
        self.devices[name] = Device()
        self._free[name] = None

    def leave(self, name: str, reason: str) -> None:
        """It is gone; what it measured is lost."""
        device = self.devices.pop(name)
        self._free.pop(name, None)
        if device.attempt:
            self._lose(device.attempt.number, name, reason)

    def submit(self, number: int, request: object) -> None:
        if number in self._trials:
            raise ValueError(f"the trial {number} is under way")
        self._trials[number] = Trial(request)
        self._waiting.append(number)

    def assign(self, now: float) -> list[tuple[str, int, object]]:
        """Device, number and request of each attempt to begin now."""
        begun = []
        for name in list(self._free):
            if not self._waiting:
                break
            number = self._next_for(name)
            if number is None:
                continue
            trial = self._trials[number]
            self._waiting.remove(number)
            trial.waiting = False
            trial.attempts += 1
            self.retries += trial.attempts > 1
            trial.running.add(name)
            del self._free[name]
            self.devices[name].attempt = Attempt(number, now)
            heapq.heappush(self._deadlines, (now + self.limit(name), name, now))
            begun.append((name, number, trial.request))
        return begun

    def answered(self, name: str, number: int, reply: object, now: float) -> bool:
        """False where it is a duplicate. A device that is gone may have sent it before."""
        device = self.devices.get(name)
        if device and device.attempt and device.attempt.number == number:
            took = now - device.attempt.started
            device.longest = max(device.longest, took)
            bisect.insort(self._durations, took)
            self._set_free(name)
        if number not in self._trials:
            self.duplicates += 1
            return False
        self._end(number, Answer(number, name, reply))
        return True

    def failed(self, name: str, number: int, reason: str) -> None:
        """The device lives, but has no answer."""
        self._set_free(name)
        self._lose(number, name, reason)

    def hanging(self, now: float) -> list[str]:
        """Devices that do not answer any more, to be ended; trials that take too long are given to others."""
        hanging = []
        while self._deadlines and self._deadlines[0][0] <= now:
            deadline, name, started = heapq.heappop(self._deadlines)
            attempt = self.devices[name].attempt if name in self.devices else None
            if attempt is None or attempt.started != started:
                continue
            if attempt.overdue:
                hanging.append(name)
                continue
            attempt.overdue = True
            heapq.heappush(self._deadlines, (started + RESTART * (deadline - started), name, started))
            self._help(attempt)
        return hanging

    def help(self, now: float) -> None:
        """For when nothing more is submitted before something is over: devices that are free take part in what takes long."""
        free = len(self._free) - len(self._waiting)
        if free <= 0 or not self._durations:
            return
        late = now - STRAGGLES * self._median()
        attempts = [device.attempt for device in self.devices.values() if device.attempt and device.attempt.started < late]
        for attempt in sorted(attempts, key=lambda attempt: attempt.started)[:free]:
            self._help(attempt)

    def limit(self, name: str) -> float:
        """Seconds that an attempt on that device may take."""
        if not self._durations:
            return self._floor
        return max(self._floor, PATIENCE * self._median(), 2 * self.devices[name].longest)

    def _median(self) -> float:
        return self._durations[len(self._durations) // 2]

    def _help(self, attempt: Attempt) -> None:
        if not attempt.helped:
            attempt.helped = True
            self._try_again(attempt.number)

    def next_deadline(self) -> float | None:
        return self._deadlines[0][0] if self._deadlines else None

    def take(self) -> Answer | None:
        """A trial that is over, each once."""
        return self._over.popleft() if self._over else None

    def _next_for(self, name: str) -> int | None:
        """The first that this device has not lost yet, or that there is no other device for."""
        for number in self._waiting:
            trial = self._trials[number]
            if name in trial.running:
                continue
            if name not in trial.reasons or self.devices.keys() <= trial.reasons.keys() | trial.running:
                return number
        return None

    def _set_free(self, name: str) -> None:
        self.devices[name].attempt = None
        self._free[name] = None

    def _lose(self, number: int, name: str, reason: str) -> None:
        trial = self._trials.get(number)
        if trial is None:
            return
        trial.running.discard(name)
        trial.reasons[name] = reason
        self._try_again(number)
        if trial.attempts >= MOST_ATTEMPTS and not trial.running:
            reasons = "; ".join(f"{device}: {why}" for device, why in trial.reasons.items())
            self._end(number, Answer(number, error=f"given up after {trial.attempts} attempts: {reasons}"))

    def _try_again(self, number: int) -> None:
        trial = self._trials.get(number)
        if trial and not trial.waiting and trial.attempts < MOST_ATTEMPTS:
            trial.waiting = True
            self._waiting.appendleft(number)

    def _end(self, number: int, answer: Answer) -> None:
        trial = self._trials.pop(number)
        if trial.waiting:
            self._waiting.remove(number)
        self._over.append(answer)
