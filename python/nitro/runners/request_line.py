"""A request line of the protocol and its reply."""

import json
import os
import sys
from collections.abc import Callable

from nitro.runners.errors import RunnerError, as_reply_error


def answered(line: bytes, act: Callable[[dict], dict]) -> dict:
    """The reply to one request line, whatever it holds; `act` does what it asks for."""
    request_id = None
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise RunnerError("usage", "a request is a JSON object")
        request_id = request.get("id")
        return {"id": request_id, "ok": True, **act(request)}
    except (ValueError, RecursionError) as error:
        failure = RunnerError("usage", f"not a request: {error}")
    except Exception as error:  # pylint: disable=broad-except
        failure = error
    return {"id": request_id, "ok": False, "error": as_reply_error(failure)}


def verb_of(request: dict, verbs: dict) -> Callable[[dict], dict]:
    """The entry of `verbs` for the request; RunnerError where there is none."""
    verb = verbs.get(request.get("verb"))
    if verb is None:
        raise RunnerError("usage", f"unknown verb {request.get('verb')!r}")
    return verb


def serve_lines(answer: Callable[[bytes], dict], finished: Callable[[], bool],
                max_line: int) -> None:
    """Answers each line of stdin with one on stdout, until it is finished or nobody listens."""
    # What libraries print goes to stderr, at the level of the file descriptor.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    while not finished() and (line := sys.stdin.buffer.readline(max_line)):
        if not line.strip():
            continue
        try:
            replies.write(json.dumps(answer(line)) + "\n")
            replies.flush()
        except BrokenPipeError:
            break
