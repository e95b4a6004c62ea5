"""When a run is to stop and go on later: a limit of time, or a signal."""

import signal
import time


class Deadline:
    def __init__(self, seconds: float | None = None):
        self.end = None if seconds is None else time.monotonic() + seconds
        self.signal = 0

    def watch_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.received)

    def received(self, number: int, _frame: object) -> None:
        self.signal = number
        signal.signal(number, signal.SIG_DFL)  # the second one ends the run at once

    def reached(self) -> bool:
        return self.signal != 0 or (self.end is not None and time.monotonic() > self.end)
