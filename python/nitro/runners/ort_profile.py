"""Per-node times from ONNX Runtime's own profile, joined with the graph it really executed.

The profile names nodes by their name only, which in a model may be missing, repeated between
subgraphs, or hold characters that older versions write unescaped. So the *original* model is renamed
(n0, n1, ...) and then optimised and profiled in one session: names take no part in any optimisation,
the kernels are those of the session that is timed, and the optimised graph that session saves carries
the same names. Renaming an already optimised model instead would let it be optimised twice.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Iterator

import numpy
import onnxruntime

from nitro.runners.errors import RunnerError

WARM_UP_RUNS = 5
EVENT_CAP = 1_000_000  # ONNX Runtime stops recording there, silently
MICROSECOND = 1_000
FOLDER_OF_WEIGHTS = "session.model_external_initializers_file_folder_path"
SAVED_WEIGHTS = "session.optimized_model_external_initializers_file_name"
SAVED_WEIGHTS_FROM = "session.optimized_model_external_initializers_min_size_in_bytes"
SUFFIX = "_kernel_time"


def profile(
    model: str,
    make_options: Callable[[], onnxruntime.SessionOptions],
    providers: list[str],
    scratch: str,
    feeds: dict[str, numpy.ndarray],
    iterations: int,
) -> dict:
    """The reply of the verb `profile` for the model file `model`."""
    folder = tempfile.mkdtemp(prefix="profile-", dir=scratch)
    try:
        return _profile(model, make_options(), providers, folder, feeds, iterations)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _profile(model, options, providers, folder, feeds, iterations) -> dict:
    onnx = _import_onnx()
    proto = onnx.load(model, load_external_data=False)
    original_names = rename_nodes(proto.graph)
    events_per_run = len(original_names) + 2
    if (iterations + WARM_UP_RUNS) * events_per_run > EVENT_CAP // 2:
        iterations = max(1, EVENT_CAP // 2 // events_per_run - WARM_UP_RUNS)

    optimised_path = os.path.join(folder, "optimised.onnx")
    options.optimized_model_filepath = optimised_path
    options.add_session_config_entry(FOLDER_OF_WEIGHTS, os.path.dirname(model))
    options.add_session_config_entry(SAVED_WEIGHTS, "weights.bin")
    options.add_session_config_entry(SAVED_WEIGHTS_FROM, "1024")
    options.enable_profiling = True
    options.profile_file_prefix = os.path.join(folder, "events")
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), options, providers=providers
    )
    for _ in range(WARM_UP_RUNS + iterations):
        session.run(None, feeds)
    events_path = session.end_profiling()
    with open(events_path, encoding="utf-8", errors="replace") as file:
        events = json.load(file)
    optimised = onnx.load(optimised_path, load_external_data=False)
    return join(events, optimised.graph, original_names, iterations) | {
        "resolution_ns": MICROSECOND,
        "host_launch_times": "CUDAExecutionProvider" in providers,
    }


def _import_onnx():
    try:
        import onnx  # pylint: disable=import-outside-toplevel
    except ImportError:
        raise RunnerError(
            "environment",
            "a profile needs the package onnx, which this Python does not have",
            "pip install onnx",
        ) from None
    return onnx


def _graphs(graph) -> Iterator:
    """`graph` and every subgraph in it."""
    pending = [graph]
    while pending:
        current = pending.pop()
        yield current
        for node in current.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    pending.append(attribute.g)
                pending.extend(attribute.graphs)


def rename_nodes(graph) -> list[str]:
    """Names all nodes n0, n1, ... and returns their former names in that order."""
    former = []
    for current in _graphs(graph):
        for node in current.node:
            former.append(node.name)
            node.name = f"n{len(former) - 1}"
    return former


def restored_name(name: str, original_names: list[str]) -> str:
    """The name as the user knows it: a leading n<number> is the node's own name again. What ONNX
    Runtime appends (n3/MatMulAddFusion) stays, and so do names that are all its own."""
    match = re.match(r"n(\d+)(?![A-Za-z0-9])", name)
    if not match or int(match[1]) >= len(original_names):
        return name
    return original_names[int(match[1])] + name[match.end() :]


def join(events: list[dict], graph, original_names: list[str], iterations: int) -> dict:
    """Node events of the last `iterations` runs, per node of the optimised `graph`."""
    session_events = [e for e in events if e.get("cat") == "Session"]
    runs = sorted((e for e in session_events if e["name"] == "model_run"), key=lambda e: e["ts"])
    if len(runs) < iterations:
        raise RunnerError(
            "runner_failed",
            f"ONNX Runtime recorded {len(runs)} runs of {iterations}: its profile was cut off",
            "profile fewer iterations",
        )
    runs = runs[-iterations:]
    starts = [run["ts"] for run in runs]

    def run_of(event: dict) -> int:
        return bisect_right(starts, event["ts"]) - 1

    execute_ns = [0] * iterations
    for event in session_events:
        if event["name"] == "SequentialExecutor::Execute" and (run := run_of(event)) >= 0:
            # A subgraph has an Execute of its own, inside that of the main graph.
            execute_ns[run] = max(execute_ns[run], event["dur"] * MICROSECOND)

    by_name: dict[str, dict] = {}
    for node in graph.node:
        by_name[node.name] = {
            "name": restored_name(node.name, original_names),
            "op_type": node.op_type,
            "domain": node.domain,
            "index": len(by_name),
            "inputs": list(node.input),
            "outputs": list(node.output),
            "durations_ns": [0] * iterations,
            "output_shapes": [],
            "provider": "",
        }
    seen = {}
    for event in events:
        if event.get("cat") != "Node" or not event["name"].endswith(SUFFIX):
            continue
        run = run_of(event)
        node = by_name.get(event["name"].removesuffix(SUFFIX))
        if run < 0 or node is None or event["args"].get("op_name") != node["op_type"]:
            continue
        seen[id(node)] = True
        node["durations_ns"][run] += event["dur"] * MICROSECOND
        node["provider"] = event["args"].get("provider", "")
        node["output_shapes"] = [
            {"dtype": dtype, "shape": shape}
            for entry in event["args"].get("output_type_shape", [])
            for dtype, shape in entry.items()
        ]
    return {
        "nodes": [node for node in by_name.values() if id(node) in seen],
        "unseen": [node["name"] for node in by_name.values() if id(node) not in seen],
        "run_ns": [run["dur"] * MICROSECOND for run in runs],
        "execute_ns": execute_ns,
    }
