"""What runs on a device's machine: one process of nitro that measures trials, started again where it has ended.

Sent there as it is, so it uses nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile

LAST_WORDS = 2000  # bytes of its stderr
PATIENCE = 10  # seconds to end by itself


class WorkerError(Exception):
    """There is no answer: why, in a sentence. `lasting`: nor will there be one next time."""

    def __init__(self, message: str, lasting: bool = False):
        super().__init__(message, lasting)
        self.lasting = lasting

    def __str__(self):
        return self.args[0]


class Worker:
    def __init__(self, command: list[str], folder: str, environment: dict[str, str], opening: dict):
        """`opening`: the members of its first request."""
        self._command = command
        self._folder = folder
        self._environment = environment
        self._opening = opening
        self._process: subprocess.Popen | None = None
        self._errors = None

    def open(self) -> dict:
        """Starts it; what it says of itself."""
        if not os.path.isdir(self._folder):
            raise WorkerError(f"there is no folder {self._folder}: share it with this machine", lasting=True)
        self._errors = tempfile.TemporaryFile()
        try:
            # Not in our group: an interrupt at the terminal is for the search alone.
            self._process = subprocess.Popen(self._command, cwd=self._folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                             stderr=self._errors, start_new_session=True,
                                             env={**os.environ, **self._environment})
        except OSError as error:
            raise WorkerError(f"cannot start {self._command[0]}: {error.strerror}", lasting=True) from None
        reply = self._ask("open", self._opening)
        if not reply["ok"]:
            self._end()
            raise WorkerError(sentence(reply["error"]), lasting=True)
        return reply

    def measure(self, request: dict) -> dict:
        """The trial, as nitro writes it."""
        if self._process is None:
            self.open()
        reply = self._ask("try", request)
        if not reply["ok"]:
            raise WorkerError(sentence(reply["error"]))
        return reply["trial"]

    def close(self) -> None:
        if self._process is None:
            return
        try:
            self._ask("bye", {})
            self._process.wait(PATIENCE)
        except (WorkerError, subprocess.TimeoutExpired):
            pass
        self._end()

    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def _ask(self, verb: str, members: dict) -> dict:
        try:
            self._process.stdin.write(json.dumps({"id": verb, "verb": verb, **members}).encode() + b"\n")
            self._process.stdin.flush()
            while "progress" in (reply := json.loads(self._process.stdout.readline())):
                pass
            return reply
        except (OSError, ValueError) as error:
            # It has ended, or says what nobody understands.
            raise WorkerError(f"nitro ended at '{verb}'{self._end()}") from error

    def _end(self) -> str:
        """Kills what is left of it; its last words."""
        process, self._process = self._process, None
        process.kill()
        code = process.wait()
        process.stdin.close()
        process.stdout.close()
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - LAST_WORDS))
        words = self._errors.read().decode(errors="replace").strip()
        self._errors.close()
        how = f" by signal {-code}" if code < 0 else f" with exit code {code}"
        return how + (f"; its last words: {words}" if words else "")


def sentence(error: dict) -> str:
    return error["message"] + (f" ({error['hint']})" if error.get("hint") else "")
