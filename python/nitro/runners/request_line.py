"""A request line of the protocol and its reply."""

import json
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
