"""What a user, a file or the machine can cause, with the exit codes of `nitro`."""

import sys
from collections.abc import Callable

USAGE = 2
BAD_INPUT = 3
ENVIRONMENT = 4


class TrainingError(Exception):
    """A failure with the exit code and the remedy that the user is told."""

    def __init__(self, exit_code: int, message: str, hint: str = ""):
        super().__init__(message)
        self.exit_code = exit_code
        self.hint = hint

    def __reduce__(self):
        # Also from the processes of a pool.
        return TrainingError, (self.exit_code, str(self), self.hint)


def reported(command: Callable[[], int]) -> int:
    """The exit code of `command`; its failure is told on stderr."""
    try:
        return command()
    except TrainingError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"error: '{error.filename}': {error.strerror}", file=sys.stderr)
        return BAD_INPUT
