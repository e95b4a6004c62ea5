"""The ONNX Runtime runner as a process, spoken to over its pipes."""

import json
import os
import subprocess
import sys
from collections import Counter

import numpy
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from nitro.runners import ort_profile
from nitro.runners.ort import LEVELS

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
MAKE_MODEL = os.path.join(ROOT, "tests", "runners", "make_model.py")
QUICK = {"warmup_ns": 0, "max_warmup_ns": 1_000_000, "max_samples": 10}


class Talk:
    """A runner and its scratch folder."""

    def __init__(self, scratch, module="nitro.runners.ort"):
        self.scratch = str(scratch)
        self.process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.path.join(ROOT, "python")},
        )
        self.count = 0

    def send(self, line):
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def ask(self, verb, **members):
        self.count += 1
        reply = self.send(json.dumps({"id": self.count, "verb": verb, **members}).encode())
        assert reply["id"] == self.count
        return reply

    def must(self, verb, **members):
        reply = self.ask(verb, **members)
        assert reply["ok"], reply
        return reply

    def array(self, name, array):
        path = os.path.join(self.scratch, name + ".npy")
        numpy.save(path, array)
        return path


@pytest.fixture
def talk(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    talk = Talk(scratch)
    talk.must("hello", protocol=1, scratch=str(scratch))
    yield talk
    talk.process.stdin.close()
    assert talk.process.wait(60) == 0


@pytest.fixture
def model(tmp_path):
    path = str(tmp_path / "small.onnx")
    subprocess.run([sys.executable, MAKE_MODEL, path], check=True)
    return path


def x(talk, batch=1, dtype=numpy.float32):
    values = numpy.random.default_rng(3).standard_normal((batch, 49, 32)).astype(dtype)
    return {"x": talk.array(f"x{batch}{values.dtype}", values)}


def test_outputs_equal_onnxruntime_in_process(talk, model):
    loaded = talk.must("load", model=model, threads=1)
    inputs = x(talk)
    reply = talk.must("run", handle=loaded["handle"], inputs=inputs)
    got = numpy.load(reply["outputs"]["y"])
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    want = session.run(None, {"x": numpy.load(inputs["x"])})[0]
    numpy.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


def fixed_batch(path):
    subprocess.run([sys.executable, MAKE_MODEL, path, "1"], check=True)
    return {"x": numpy.ones((1, 49, 32), numpy.float32)}


def free_batch(path):
    subprocess.run([sys.executable, MAKE_MODEL, path], check=True)
    return {"x": numpy.ones((3, 49, 32), numpy.float32)}


def convolutions(path):
    """Nodes that ONNX Runtime moves to a blocked layout, with reorders of its own between them."""
    value = helper.make_tensor_value_info
    weight = numpy.ones((32, 32, 3, 3), numpy.float32)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], name="c/1", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"], name="r"),
        helper.make_node("Conv", ["r", "w"], ["d"], name="c/2", pads=[1, 1, 1, 1]),
        helper.make_node("Add", ["d", "x"], ["s"]),
        helper.make_node("GlobalAveragePool", ["s"], ["p"], name="pool"),
        helper.make_node("LayerNormalization", ["p", "g"], ["y"], name="norm"),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [value("x", TensorProto.FLOAT, [1, 32, 16, 16])],
        [value("y", TensorProto.FLOAT, [1, 32, 1, 1])],
        [
            onnx.numpy_helper.from_array(weight, "w"),
            onnx.numpy_helper.from_array(numpy.ones(1, numpy.float32), "g"),
        ],
    )
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return {"x": numpy.ones((1, 32, 16, 16), numpy.float32)}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("make", [fixed_batch, free_batch, convolutions])
def test_profile_runs_the_kernels_of_the_unrenamed_model(talk, tmp_path, make, level):
    model = str(tmp_path / "model.onnx")
    inputs = {name: talk.array(name, array) for name, array in make(model).items()}
    handle = talk.must("load", model=model, threads=1, graph_level=level)["handle"]
    profile = talk.must("profile", handle=handle, inputs=inputs, iterations=5)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = LEVELS[level]
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    optimised = onnx.load(options.optimized_model_filepath)

    want = [(n.domain, n.op_type, list(n.input), list(n.output)) for n in optimised.graph.node]
    got = [(n["domain"], n["op_type"], n["inputs"], n["outputs"]) for n in profile["nodes"]]
    assert got == want
    assert [n["name"] for n in profile["nodes"]] == [n.name for n in optimised.graph.node]
    assert profile["unseen"] == []
    for run, execute, *nodes in zip(
        profile["run_ns"],
        profile["execute_ns"],
        *(n["durations_ns"] for n in profile["nodes"]),
    ):
        # Integer microseconds, each rounded by itself.
        assert sum(nodes) <= execute + 1000 * len(nodes) and execute <= run + 1000


def test_profile_leaves_nothing_behind(talk, model):
    handle = talk.must("load", model=model)["handle"]
    inputs = x(talk)
    before = sorted(os.listdir(talk.scratch))
    talk.must("profile", handle=handle, inputs=inputs, iterations=1)
    assert sorted(os.listdir(talk.scratch)) == before


def test_profile_of_external_weights_and_subgraphs(talk, tmp_path):
    branch = lambda op, name: helper.make_graph(  # noqa: E731
        [helper.make_node(op, ["x", "w"], [name], name="same")],
        name,
        [],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [64, 64])],
    )
    node = helper.make_node(
        "If", ["c"], ["y"], name="if", then_branch=branch("MatMul", "t"), else_branch=branch("Add", "e")
    )
    weights = numpy.ones((64, 64), numpy.float32)
    graph = helper.make_graph(
        [node],
        "g",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [64, 64]),
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [64, 64])],
        [onnx.numpy_helper.from_array(weights, "w")],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = str(tmp_path / "external.onnx")
    onnx.save(proto, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    handle = talk.must("load", model=path)["handle"]
    inputs = {"x": talk.array("x", weights), "c": talk.array("c", numpy.array(True))}
    profile = talk.must("profile", handle=handle, inputs=inputs, iterations=3)
    assert [(n["name"], n["op_type"]) for n in profile["nodes"]] == [("if", "If")]
    assert all(duration > 0 for duration in profile["nodes"][0]["durations_ns"])


def test_half_precision_and_integers(talk, tmp_path):
    types = [(TensorProto.FLOAT16, "f16"), (TensorProto.INT64, "i64"), (TensorProto.BOOL, "bool")]
    nodes = [helper.make_node("Identity", [f"x{i}"], [f"y{i}"]) for i in range(len(types))]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "g",
        [value(f"x{i}", t, [2]) for i, (t, _) in enumerate(types)],
        [value(f"y{i}", t, [2]) for i, (t, _) in enumerate(types)],
    )
    path = str(tmp_path / "types.onnx")
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path
    )
    loaded = talk.must("load", model=path)
    assert [v["dtype"] for v in loaded["inputs"]] == [word for _, word in types]
    arrays = [numpy.array([1, 0], d) for d in (numpy.float16, numpy.int64, numpy.bool_)]
    inputs = {f"x{i}": talk.array(f"x{i}", array) for i, array in enumerate(arrays)}
    outputs = talk.must("run", handle=loaded["handle"], inputs=inputs)["outputs"]
    for i, array in enumerate(arrays):
        numpy.testing.assert_array_equal(numpy.load(outputs[f"y{i}"]), array)
    talk.must("time", calls=[{"handle": loaded["handle"], "inputs": inputs}], **QUICK)


def test_what_numpy_lacks_is_refused(talk, tmp_path):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT)],
        "g",
        [value("x", TensorProto.BFLOAT16, [2])],
        [value("y", TensorProto.FLOAT, [2])],
    )
    path = str(tmp_path / "bf16.onnx")
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    loaded = talk.must("load", model=path)
    assert loaded["inputs"][0]["dtype"] == "bf16"
    inputs = {"x": talk.array("x", numpy.zeros(2, numpy.uint16))}
    reply = talk.ask("run", handle=loaded["handle"], inputs=inputs)
    assert reply["error"]["code"] == "unsupported_dtype"


def test_time_of_one_workload_and_of_two_variants(talk, model):
    a = talk.must("load", model=model)["handle"]
    b = talk.must("load", model=model, graph_level="none")["handle"]
    inputs = x(talk)
    one = talk.must("time", calls=[{"handle": a, "inputs": inputs}] * 2, **QUICK)
    assert len(one["samples_ns"]) == len(one["stamps_ns"]) == 10
    assert one["cold_ns"] > 0 and min(one["samples_ns"]) > 0
    variants = [{"calls": [{"handle": h, "inputs": inputs}]} for h in (a, b)]
    two = talk.must("time", variants=variants, **QUICK)["variants"]
    assert [len(v["samples_ns"]) for v in two] == [10, 10]
    assert two[0]["cold_ns"] is None and two[1]["cold_ns"] > 0


def test_bad_requests_are_answered(talk, model, tmp_path):
    for line in (b"garbage", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"id":1}', b"1e999"):
        assert talk.send(line)["error"]["code"] == "usage"
    handle = talk.must("load", model=model)["handle"]
    (tmp_path / "cut.onnx").write_bytes(open(model, "rb").read()[:100])
    pickled = os.path.join(talk.scratch, "pickled.npy")
    numpy.save(pickled, numpy.array([{}], dtype=object), allow_pickle=True)
    cases = [
        ("usage", "nonsense", {}),
        ("usage", "load", {}),
        ("bad_file", "load", {"model": "/nonexistent.onnx"}),
        ("bad_file", "load", {"model": str(tmp_path / "cut.onnx")}),
        ("usage", "load", {"model": model, "threads": "two"}),
        ("usage", "load", {"model": model, "threads": -1}),
        ("usage", "load", {"model": model, "graph_level": "wild"}),
        ("usage", "load", {"model": model, "provider": "abacus"}),
        ("usage", "run", {"handle": 99}),
        ("usage", "run", {"handle": handle, "inputs": [1]}),
        ("usage", "run", {"handle": handle, "inputs": {"x": 1}}),
        ("shape_mismatch", "run", {"handle": handle, "inputs": {}}),
        ("shape_mismatch", "run", {"handle": handle, "inputs": {**x(talk), "z": x(talk)["x"]}}),
        ("shape_mismatch", "run", {"handle": handle, "inputs": x(talk, dtype=numpy.float64)}),
        ("bad_file", "run", {"handle": handle, "inputs": {"x": "/nonexistent.npy"}}),
        ("bad_file", "run", {"handle": handle, "inputs": {"x": model}}),
        ("bad_file", "run", {"handle": handle, "inputs": {"x": pickled}}),
        ("usage", "time", {}),
        ("usage", "time", {"calls": []}),
        ("usage", "time", {"calls": [7]}),
        ("usage", "time", {"variants": []}),
        ("usage", "time", {"calls": [{"handle": handle, "inputs": x(talk)}], "half_width": 2}),
        ("usage", "profile", {"handle": handle, "inputs": x(talk), "iterations": 0}),
        ("usage", "unload", {"handle": 99}),
    ]
    for code, verb, members in cases:
        reply = talk.ask(verb, **members)
        assert not reply["ok"] and reply["error"]["code"] == code, (verb, members, reply)
        assert reply["error"]["message"]
    talk.must("run", handle=handle, inputs=x(talk))
    talk.must("unload", handle=handle)
    assert talk.ask("run", handle=handle, inputs=x(talk))["error"]["code"] == "usage"


def test_hello_comes_first(tmp_path, model):
    talk = Talk(tmp_path)
    assert talk.ask("load", model=model)["error"]["code"] == "usage"
    assert talk.ask("hello", protocol=2, scratch=str(tmp_path))["error"]["code"] == "usage"
    assert talk.ask("hello", protocol=1, scratch="/nonexistent")["error"]["code"] == "usage"
    talk.must("bye")
    assert talk.process.wait(60) == 0


def test_what_libraries_print_stays_off_the_protocol(tmp_path):
    (tmp_path / "noisy.py").write_text(
        "import os, sys\n"
        "from nitro.runners import protocol\n"
        "from nitro.runners.ort import OrtBackend\n"
        "class Noisy(OrtBackend):\n"
        "    def version(self):\n"
        "        print('from Python'); os.write(1, b'from C\\n'); os.system('echo from a child')\n"
        "        assert sys.stdin.read() == ''\n"
        "        return '1'\n"
        "protocol.serve(Noisy())\n"
    )
    process = subprocess.run(
        [sys.executable, str(tmp_path / "noisy.py")],
        input=json.dumps({"id": 1, "verb": "hello", "scratch": str(tmp_path)}).encode(),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.path.join(ROOT, "python")},
        check=True,
    )
    (line,) = process.stdout.splitlines()
    assert json.loads(line)["ok"], process.stderr
    for words in (b"from Python", b"from C", b"from a child"):
        assert words in process.stderr


def test_names_come_back():
    names = ['a "q"', "n7", ""]
    assert ort_profile.restored_name("n0", names) == 'a "q"'
    assert ort_profile.restored_name("n0/MatMulAddFusion", names) == 'a "q"/MatMulAddFusion'
    assert ort_profile.restored_name("n2_reorder", names) == "_reorder"
    assert ort_profile.restored_name("n12", names) == "n12"
    assert ort_profile.restored_name("norm", names) == "norm"


def test_a_cut_profile_is_refused():
    graph = helper.make_graph([], "g", [], [])
    with pytest.raises(ort_profile.RunnerError, match="cut off"):
        ort_profile.join([], graph, [], 1)


def test_renaming_reaches_subgraphs_and_keeps_the_order():
    inner = helper.make_graph([helper.make_node("Relu", ["x"], ["r"], name="in")], "i", [], [])
    outer = helper.make_node("If", ["c"], ["y"], name="out", then_branch=inner, else_branch=inner)
    graph = helper.make_graph([outer], "g", [], [])
    former = ort_profile.rename_nodes(graph)
    assert Counter(former) == Counter(["out", "in", "in"])
    assert graph.node[0].name == "n0"
