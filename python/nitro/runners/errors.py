"""Errors that cross the protocol."""


class RunnerError(Exception):
    """A failure the client is told about: a code of docs/runner-protocol.md, a sentence, a remedy."""

    def __init__(self, code: str, message: str, hint: str = ""):
        super().__init__(message)
        self.code = code
        self.hint = hint


def as_reply_error(error: Exception) -> dict:
    """The `error` member of a reply for any exception."""
    if isinstance(error, RunnerError):
        return {"code": error.code, "message": str(error), "hint": error.hint}
    if isinstance(error, MemoryError):
        return {"code": "out_of_memory", "message": str(error) or "out of memory", "hint": ""}
    message = f"{type(error).__name__}: {error}"
    return {"code": "runner_failed", "message": message, "hint": ""}
