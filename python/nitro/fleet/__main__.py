"""python -m nitro.fleet: spreads the trials of `nitro search` over the devices of a Ray cluster.

One JSON object per line on stdin, one reply per line on stdout, as python -m nitro.sampler. The first are `hello` and `open`,
the last is `close`.

hello   address (ray://HOST:PORT, HOST:PORT or "local"): whether there is a Ray here, and something at that address
        -> ray (its version)
open    command (of the worker: the search's own words behind `nitro search
        worker`), folder (in which it is started), environment (set for it), opening (members of its first request), floor_s
        (seconds that a trial may take at least)
        -> devices (a count)
submit  number, request: a trial to be measured by whichever device is free -> devices
next    seconds: waits for a trial that is over, at most so long
        -> devices, notes (what to tell the user), trial: null, or {number, device: {name, original_ns}, trial, error}
close   -> devices (name, original_ns, trials, lost), retries, duplicates

A worker is a process of `nitro search worker` beside the device. It is asked as a runner is (docs/runner-protocol.md):
open    the members of `opening`, and board: ssh://user@host, or "" -> original_ns
try     the members of the request -> trial

`python -m nitro.fleet simulate` is a dry run of the same scheduling: --help says of what.
"""

from __future__ import annotations

import sys
import time

from nitro.fleet.cluster import Cluster, check
from nitro.fleet.dispatcher import Dispatcher
from nitro.fleet.scheduler import Scheduler
from nitro.runners.errors import RunnerError
from nitro.runners.request_line import answered, serve_lines, verb_of

MAX_LINE = 16 << 20
FLOOR = 600.0  # seconds; a trial may have to make a calibration first
CLOSING = 5.0


class Fleet:
    def __init__(self):
        self.finished = False
        self._scheduler = Scheduler(FLOOR)
        self._dispatcher: Dispatcher | None = None
        self._address = ""
        self._verbs = {"hello": self._hello, "open": self._open, "submit": self._submit, "next": self._next,
                       "close": self._close}

    def answer(self, line: bytes) -> dict:
        """The reply to one request line, whatever it holds."""
        return answered(line, self._act)

    def _act(self, request: dict) -> dict:
        verb = verb_of(request, self._verbs)
        if self._dispatcher is None and request["verb"] not in ("hello", "open", "close"):
            raise RunnerError("usage", "open comes first")
        try:
            return verb(request)
        except (KeyError, TypeError, ValueError) as error:
            raise RunnerError("usage", f"not a request: {type(error).__name__}: {error}") from None

    def _hello(self, request: dict) -> dict:
        self._address = str(request["address"])
        return {"ray": check(self._address)}

    def _open(self, request: dict) -> dict:
        if not self._address:
            raise RunnerError("usage", "hello comes first")
        setup = {key: request[key] for key in ("command", "folder", "environment", "opening")}
        self._scheduler = Scheduler(float(request.get("floor_s", FLOOR)))
        cluster = Cluster(self._address)
        self._dispatcher = Dispatcher(cluster, self._scheduler, lambda place: cluster.actor(place, **setup))
        return {"devices": self._dispatcher.count()}

    def _submit(self, request: dict) -> dict:
        self._scheduler.submit(int(request["number"]), request["request"])
        self._dispatcher.step(0)  # nobody waits while a search asks for more
        return {"devices": self._dispatcher.count()}

    def _next(self, request: dict) -> dict:
        end = time.monotonic() + float(request["seconds"])
        self._scheduler.help(time.monotonic())
        while (trial := self._dispatcher.take()) is None and (left := end - time.monotonic()) > 0:
            self._dispatcher.step(left)
        return {"devices": self._dispatcher.count(), "notes": self._dispatcher.notes(), "trial": trial}

    def _close(self, request: dict) -> dict:
        del request
        self.finished = True
        if self._dispatcher is None:
            return {}
        self._dispatcher.close(CLOSING)
        return self._dispatcher.summary()


def main() -> None:
    if sys.argv[1:2] == ["simulate"]:
        from nitro.fleet.simulation import main as simulate

        simulate(sys.argv[2:])
        return
    fleet = Fleet()
    serve_lines(fleet.answer, lambda: fleet.finished, MAX_LINE)


if __name__ == "__main__":
    main()
