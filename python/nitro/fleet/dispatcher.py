"""What keeps a scheduler's devices and those of a cluster the same."""

from __future__ import annotations

import time
from collections.abc import Callable

from nitro.fleet.cluster import LostError
from nitro.fleet.scheduler import Scheduler
from nitro.fleet.worker import WorkerError
from nitro.runners.errors import RunnerError

LOOK = 2.0  # seconds between two looks at which nodes there are
LONG = 120.0  # seconds to open, of which the user is told
GRACE = 30.0  # without a device, before the search ends
PAUSE = 0.2
MOST_FAILURES = 5  # of a device in a row, before it is given up; more than a trial that kills has attempts


class Dispatcher:
    def __init__(self, cluster, scheduler: Scheduler, start: Callable):
        """`start` makes the actor for a place of the cluster."""
        self._cluster = cluster
        self._scheduler = scheduler
        self._start = start
        self._members: dict[str, object] = {}  # the actor of each device
        self._pending: dict[object, tuple[str, int | None]] = {}  # reference -> device, number; None: it opens
        self._opening: dict[str, float] = {}  # since when
        self._failures: dict[str, int] = {}  # in a row, by device
        self._reasons: dict[str, str] = {}  # the last of each device that failed
        self._known: dict[str, dict] = {}  # what came of each device that was ready once
        self._notes: list[str] = []
        self._looked = -LOOK
        self._seen = time.monotonic()  # when there last was a device
        self.look()

    def count(self) -> int:
        """Devices that measure or will soon."""
        return len(self._members)

    def notes(self) -> list[str]:
        """What is to be said since the last call."""
        notes, self._notes = self._notes, []
        return notes

    def take(self) -> dict | None:
        """A trial that is over: number, device (None: none had an answer), trial, error."""
        answer = self._scheduler.take()
        if answer is None:
            return None
        if answer.error:
            return {"number": answer.number, "device": None, "trial": None, "error": answer.error}
        self._known[answer.device]["trials"] += 1
        device = {"name": answer.device, "original_ns": self._known[answer.device]["original_ns"]}
        return {"number": answer.number, "device": device, "trial": answer.reply, "error": ""}

    def summary(self) -> dict:
        return {"devices": list(self._known.values()), "retries": self._scheduler.retries,
                "duplicates": self._scheduler.duplicates}

    def look(self) -> None:
        """Starts actors where there are none, and gives up those whose nodes are gone."""
        now = time.monotonic()
        if now < self._looked + LOOK:
            return
        self._looked = now
        places = {place.name: place for place in self._cluster.places()}
        for name in self._members.keys() - places.keys():
            self._lose(name, "its node is gone")
        for name, place in places.items():
            if name not in self._members and self._failures.get(name, 0) < MOST_FAILURES:
                actor = self._start(place)
                self._members[name] = actor
                self._pending[actor.open.remote()] = (name, None)
                self._opening[name] = now
        for name in [name for name, since in self._opening.items() if now > since + LONG]:
            del self._opening[name]
            self._notes.append(f"{name} is not ready yet: it still opens the model, or another search has it")
        if self._members:
            self._seen = now
        elif now >= self._seen + GRACE or self._given_up(places):
            raise self._no_device()

    def _no_device(self) -> RunnerError:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in self._reasons.items())
        return RunnerError("environment", f"the fleet has no device left: {reasons or 'its cluster has no nodes'}",
                           "mend that, and go on by --resume")

    def _given_up(self, places: dict) -> bool:
        return bool(places) and all(self._failures.get(name, 0) >= MOST_FAILURES for name in places)

    def step(self, seconds: float) -> None:
        """Does what is to be done, and waits for what happens next, at most so long."""
        self.look()
        now = time.monotonic()
        for name in self._scheduler.hanging(now):
            self._lose(name, "it does not answer any more")
        for name, number, request in self._scheduler.assign(now):
            self._pending[self._members[name].measure.remote(request)] = (name, number)
        if not self._pending:
            time.sleep(min(seconds, PAUSE))
        for reference in self._cluster.ready(list(self._pending), min(seconds, LOOK)):
            name, number = self._pending.pop(reference)
            self._act_on(reference, name, number)

    def _act_on(self, reference, name: str, number: int | None) -> None:
        """On what came of a call of a device."""
        try:
            value = self._cluster.value(reference)
        except LostError as error:
            self._lose(name, str(error))
        except WorkerError as error:
            self._failed(name, number, error)
        else:
            if number is None:
                self._joined(name, value)
            else:
                self._failures[name] = 0
                self._scheduler.answered(name, number, value, time.monotonic())

    def close(self, seconds: float) -> None:
        """Those that measure are ended at once."""
        busy = {name for name, number in self._pending.values()}
        for name in busy & self._members.keys():
            self._cluster.end(self._members[name])
        self._cluster.close([actor for name, actor in self._members.items() if name not in busy], seconds)

    def _joined(self, name: str, info: dict) -> None:
        known = {"name": name, "original_ns": info["original_ns"], "trials": 0, "lost": ""}
        self._known.setdefault(name, known).update(original_ns=info["original_ns"], lost="")
        self._opening.pop(name, None)
        self._scheduler.join(name)
        self._notes.append(f"{name} is ready")

    def _failed(self, name: str, number: int | None, error: WorkerError) -> None:
        if error.lasting:
            self._failures[name] = MOST_FAILURES
        if number is None or self._failures.get(name, 0) + 1 >= MOST_FAILURES:
            self._lose(name, str(error))
            return
        self._failures[name] = self._failures.get(name, 0) + 1
        self._scheduler.failed(name, number, str(error))
        self._notes.append(f"{name}: {error}")

    def _lose(self, name: str, reason: str) -> None:
        self._cluster.end(self._members.pop(name))
        self._opening.pop(name, None)
        self._pending = {reference: what for reference, what in self._pending.items() if what[0] != name}
        self._failures[name] = self._failures.get(name, 0) + 1
        self._reasons[name] = reason
        if name in self._known:
            self._known[name]["lost"] = reason
        if name in self._scheduler.devices:
            self._scheduler.leave(name, reason)
        self._notes.append(f"{name} is lost: {reason}")
