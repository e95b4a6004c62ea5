"""The loop that every Python runner shares: one JSON object per line, docs/runner-protocol.md.

    if __name__ == "__main__":
        protocol.serve(MyBackend())
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from time import perf_counter_ns

import numpy

from nitro.runners import timing
from nitro.runners.backend import Backend, Session
from nitro.runners.errors import RunnerError
from nitro.runners.machine import machine_record
from nitro.runners.request_line import answered, verb_of

PROTOCOL = 1
MAX_LINE = 64 << 20

MILLISECOND = 1_000_000
TIME_DEFAULTS = {
    "warmup_ns": 200 * MILLISECOND,
    "max_warmup_ns": 5_000 * MILLISECOND,
    "min_samples": 10,
    "max_samples": 100_000,
    "min_ns": 500 * MILLISECOND,
    "max_ns": 15_000 * MILLISECOND,
}
GRAPH_LEVELS = ("all", "extended", "basic", "none")


def serve(backend: Backend) -> None:
    """Answers requests on stdin until `bye` or the end of input. What libraries print to stdout goes
    to stderr, at the level of the file descriptor. SIGINT ends a `time` that is under way."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    requests = os.fdopen(os.dup(0), "rb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    service = Service(backend)
    signal.signal(signal.SIGINT, timing.Stop.want)
    while line := requests.readline(MAX_LINE):
        if not line.strip():
            continue
        reply = service.answer(line)
        try:
            replies.write(json.dumps(reply, allow_nan=False) + "\n")
            replies.flush()
        except BrokenPipeError:
            break
        if service.finished:
            break
    service.close()


class Service:
    """The state of one runner: its scratch folder and the loaded models."""

    def __init__(self, backend: Backend):
        self.finished = False
        self._backend = backend
        self._scratch: str | None = None
        self._sessions: dict[int, Session] = {}
        self._fresh: set[int] = set()
        self._next_handle = 1
        self._next_file = 1
        self._verbs = {
            "hello": self._hello,
            "load": self._load,
            "run": self._run,
            "time": self._time,
            "profile": self._profile,
            "unload": self._unload,
            "bye": self._bye,
        }

    def answer(self, line: bytes) -> dict:
        """The reply to one request line, whatever it holds."""
        return answered(line, lambda request: verb_of(request, self._verbs)(request))

    def close(self) -> None:
        """Unloads everything."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    # Verbs.

    def _hello(self, request: dict) -> dict:
        if request.get("protocol", PROTOCOL) != PROTOCOL:
            raise RunnerError("usage", f"this runner speaks protocol {PROTOCOL}")
        scratch = _text(request, "scratch")
        if not os.path.isdir(scratch):
            raise RunnerError("usage", f"the scratch folder {scratch!r} does not exist")
        self._scratch = scratch
        return {
            "runner": self._backend.name,
            "version": self._backend.version(),
            "protocol": PROTOCOL,
            "environment": {**machine_record(), **self._backend.environment()},
            "devices": self._backend.devices(),
            "capabilities": self._backend.capabilities,
        }

    def _load(self, request: dict) -> dict:
        model = _text(request, "model")
        if not os.path.isfile(model):
            raise RunnerError("bad_file", f"the model {model!r} is not a file")
        level = request.get("graph_level", "all")
        if level not in GRAPH_LEVELS:
            raise RunnerError("usage", f"graph_level is one of {', '.join(GRAPH_LEVELS)}")
        options = {
            "threads": _count(request, "threads", 1, at_least=0),
            "graph_level": level,
            "provider": request.get("provider", "cpu"),
            "spin": bool(request.get("spin", True)),
        }
        begin = perf_counter_ns()
        session = self._backend.load(model, options, self._scratch_folder())
        load_ns = perf_counter_ns() - begin
        handle = self._next_handle
        self._next_handle += 1
        self._sessions[handle] = session
        self._fresh.add(handle)
        return {
            "handle": handle,
            "inputs": session.inputs,
            "outputs": session.outputs,
            "load_ns": load_ns,
        }

    def _run(self, request: dict) -> dict:
        session, feeds = self._call(request)
        self._fresh.discard(request["handle"])
        outputs = session.run(feeds)
        return {"outputs": {name: self._save(array) for name, array in outputs.items()}}

    def _time(self, request: dict) -> dict:
        rules = {key: _count(request, key, value) for key, value in TIME_DEFAULTS.items()}
        rules["half_width"] = _fraction(request, "half_width")
        single = "variants" not in request
        variants = [request] if single else request["variants"]
        if not isinstance(variants, list) or not variants:
            raise RunnerError("usage", "variants is a list of {calls}")
        timing.Stop.wanted = False
        frames, cold = [], []
        for variant in variants:
            frame, is_cold = self._frame(variant)
            first = timing.sample(frame)[1]
            frames.append(frame)
            cold.append(first if is_cold else None)
        warm = [
            timing.warm_up(frame, rules["warmup_ns"], rules["max_warmup_ns"]) for frame in frames
        ]
        slowest = max(max(warmup["frame_ns"] for warmup in warm), 1)
        turn = 1 if single else max(1, timing.TURN_NS // slowest)
        results, stopped_by = timing.alternate(frames, turn, rules)
        for result, cold_ns, warmup in zip(results, cold, warm):
            result.update(cold_ns=cold_ns, warmup=warmup)
        if single:
            return {**results[0], "stopped_by": stopped_by}
        return {"variants": results, "stopped_by": stopped_by}

    def _profile(self, request: dict) -> dict:
        session, feeds = self._call(request)
        return session.profile(feeds, _count(request, "iterations", 20, at_least=1))

    def _unload(self, request: dict) -> dict:
        self._session(request).close()
        del self._sessions[request["handle"]]
        return {}

    def _bye(self, request: dict) -> dict:
        del request
        self.finished = True
        return {}

    # What the verbs share.

    def _scratch_folder(self) -> str:
        if self._scratch is None:
            raise RunnerError("usage", "hello, with the scratch folder, comes first")
        return self._scratch

    def _session(self, request: dict) -> Session:
        session = self._sessions.get(_count(request, "handle", -1, at_least=1))
        if session is None:
            raise RunnerError("usage", f"no model has handle {request.get('handle')}")
        return session

    def _call(self, call: dict) -> tuple[Session, dict[str, numpy.ndarray]]:
        """The session of a {handle, inputs} and its checked inputs."""
        if not isinstance(call, dict):
            raise RunnerError("usage", "a call is {handle, inputs}")
        session = self._session(call)
        inputs = call.get("inputs", {})
        if not isinstance(inputs, dict):
            raise RunnerError("usage", "inputs maps names to .npy files")
        feeds = {name: _load_array(name, path) for name, path in inputs.items()}
        _check_feeds(session.inputs, feeds)
        return session, feeds

    def _frame(self, variant: dict) -> tuple[timing.Frame, bool]:
        """The workload's calls as one frame, and whether a model in it never ran before."""
        calls = variant.get("calls") if isinstance(variant, dict) else None
        if not isinstance(calls, list) or not calls:
            raise RunnerError("usage", "calls is a list of {handle, inputs}")
        bound = []
        is_cold = False
        for call in calls:
            session, feeds = self._call(call)
            bound.append(session.bind(feeds))
            is_cold = is_cold or call["handle"] in self._fresh
        self._fresh.difference_update(call["handle"] for call in calls)
        if len(bound) == 1:
            return bound[0], is_cold

        def frame() -> None:
            for step in bound:
                step()

        return frame, is_cold

    def _save(self, array: numpy.ndarray) -> str:
        path = os.path.join(self._scratch_folder(), f"out-{self._next_file}.npy")
        self._next_file += 1
        numpy.save(path, numpy.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)
        return path


def _text(request: dict, key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str) or not value:
        raise RunnerError("usage", f"{key} is missing")
    return value


def _count(request: dict, key: str, default: int, at_least: int = 0) -> int:
    value = request.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
        raise RunnerError("usage", f"{key} is an integer of at least {at_least}")
    return value


def _fraction(request: dict, key: str) -> float:
    value = request.get(key, 0.0)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0 <= value < 1:
        raise RunnerError("usage", f"{key} is a fraction below 1")
    return float(value)


def _load_array(name: str, path: object) -> numpy.ndarray:
    if not isinstance(path, str):
        raise RunnerError("usage", f"the input {name!r} is the path of a .npy file")
    try:
        return numpy.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise RunnerError("bad_file", f"the input {name!r} cannot be read: {error}") from None


DTYPE_WORDS = {
    "float16": "f16",
    "float32": "f32",
    "float64": "f64",
    "int8": "i8",
    "uint8": "u8",
    "int32": "i32",
    "int64": "i64",
    "bool": "bool",
}


def _check_feeds(specs: list[dict], feeds: dict[str, numpy.ndarray]) -> None:
    wanted = {spec["name"]: spec for spec in specs}
    for name in feeds:
        if name not in wanted:
            raise RunnerError("shape_mismatch", f"the model has no input {name!r}")
    for name, spec in wanted.items():
        if name not in feeds:
            raise RunnerError("shape_mismatch", f"the input {name!r} is missing")
        array = feeds[name]
        if spec["dtype"] not in DTYPE_WORDS.values():
            raise RunnerError(
                "unsupported_dtype", f"the input {name!r} is {spec['dtype']}, which NumPy has not"
            )
        dtype = DTYPE_WORDS.get(array.dtype.name, array.dtype.name)
        if dtype != spec["dtype"]:
            raise RunnerError(
                "shape_mismatch", f"the input {name!r} is {dtype}, the model wants {spec['dtype']}"
            )
        fits = spec["shape"] is None or (
            len(spec["shape"]) == array.ndim
            and all(not isinstance(w, int) or w == g for w, g in zip(spec["shape"], array.shape))
        )
        if not fits:
            raise RunnerError(
                "shape_mismatch",
                f"the input {name!r} has shape {list(array.shape)}, the model wants {spec['shape']}",
            )
