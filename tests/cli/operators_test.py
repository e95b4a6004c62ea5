"""Models with functions, branches and operators that Nitro does not know. Run with pytest, as
cli_test.py."""

import json
import resource

import numpy as np
import onnx
import pytest
from cli_test import document, needs_ort, nitro, succeed
from onnx import helper, numpy_helper, parser

pytestmark = needs_ort
OPSETS = '<ir_version: 10, opset_import: ["": 17, "com.microsoft": 1, "strange": 1]>'


def save(path, body, functions="", weights=None, **options):
    """`body` computes y from x; the types of what it makes are left out."""
    model = parser.parse_model(
        f"{OPSETS} g (float[2, 8] x) => (float[2, 8] y) {{ {body} }} {functions}")
    for name, array in (weights or {}).items():
        model.graph.initializer.append(numpy_helper.from_array(array, name))
    for i, node in enumerate(model.graph.node):
        node.name = f"node{i}"
    onnx.save(model, path, **options)
    return path


def outputs(model, *words):
    return document("run", model, "--threads", 1, *words)["outputs"]


def expect_same_after(model, written, *words):
    """What `words` write computes what the model does, and is valid."""
    succeed(*words, "-o", written)
    onnx.checker.check_model(onnx.load(written))
    for got, wanted in zip(outputs(written), outputs(model)):
        assert got["shape"] == wanted["shape"]
        np.testing.assert_allclose(got["first"], wanted["first"], rtol=1e-5)


# ---- operators that a runner knows and Nitro does not

CONTRIB = "a = Relu(x) b = com.microsoft.SampleOp(a) c = com.microsoft.SampleOp(b) y = Relu(c)"


@pytest.mark.parametrize("external", [False, True])
def test_types_come_from_one_run(tmp_path, external):
    body = "a = Add(x, w) b = com.microsoft.SampleOp(a) y = Relu(b)"
    weights = {"w": np.arange(8 * 2000, dtype=np.float32).reshape(2000, 8)[:2]}
    model = save(tmp_path / "m.onnx", body, weights=weights, save_as_external_data=external,
                 location="w.bin", size_threshold=0)
    inspected = document("inspect", model, "--types-by-run")
    assert inspected["nodes"] == 3
    assert any("SampleOp" in note and "one run" in note for note in inspected["notes"])
    expect_same_after(model, tmp_path / "out.onnx", "export", model,
                      "--types-by-run")


def test_what_was_learnt_is_written(tmp_path):
    model = save(tmp_path / "m.onnx", CONTRIB)
    expect_same_after(model, tmp_path / "out.onnx", "apply", model, "--pass",
                      "eliminate-dead-code", "--types-by-run")
    written = onnx.load(tmp_path / "out.onnx")
    known = {info.name for info in written.graph.value_info}
    made = {node.output[0] for node in written.graph.node if node.op_type == "SampleOp"}
    assert len(made) == 2 and made <= known
    # With the types in the file nothing needs to run.
    again = nitro("inspect", tmp_path / "out.onnx", env={"NITRO_PYTHON": "/nowhere"})
    assert again.returncode == 0, again.stderr


def test_a_model_with_such_operators_is_profiled_and_optimised(tmp_path):
    model = save(tmp_path / "m.onnx", CONTRIB)
    quick = ["--threads", 1, "--repetitions", 2]
    profile = document("profile", model, *quick)
    assert {"node1", "node2"} <= set(json.dumps(profile).split('"'))
    succeed("optimize", model, *quick, "--no-ablation", "-o", tmp_path)


def test_an_operator_that_nobody_knows_is_named(tmp_path):
    model = save(tmp_path / "m.onnx", "a = strange.Frobnicate(x) y = Relu(a)")
    done = nitro("inspect", model, "--types-by-run")
    message = done.stderr.decode()
    assert done.returncode == 3
    assert "node 'node0' (Frobnicate)" in message and "strange.Frobnicate" in message
    assert "value_info" in message


def test_a_runner_that_lacks_the_operator_is_named(tmp_path):
    model = save(tmp_path / "m.onnx", CONTRIB)
    done = nitro("run", model, "--runner", "reference")
    assert done.returncode == 3 and b"SampleOp" in done.stderr


@pytest.mark.parametrize("words", [["inspect"], ["apply", "--pass", "fuse-gelu", "-o", "/dev/null"],
                                   ["export", "-o", "/dev/null"]])
def test_nothing_is_executed_unasked(tmp_path, words):
    model = save(tmp_path / "m.onnx", CONTRIB)
    trap = tmp_path / "python"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/executed\n")
    trap.chmod(0o755)
    done = nitro(*words, model, env={"NITRO_PYTHON": str(trap)})
    assert done.returncode == 3 and b"--types-by-run" in done.stderr
    assert not (tmp_path / "executed").exists()
    nitro(*words, model, "--types-by-run", env={"NITRO_PYTHON": str(trap)})
    assert (tmp_path / "executed").exists()


def test_a_shape_that_depends_on_values_is_not_taken_from_runs(tmp_path):
    count = 64
    node = helper.make_node("NonMaxSuppression", ["boxes", "scores", "most", "overlap", "least"],
                            ["chosen"], name="nms")
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        [node], "g", [info("boxes", 1, [1, count, 4]), info("scores", 1, [1, 1, count])],
        [info("chosen", 7, None)],
        [numpy_helper.from_array(np.array([count]), "most"),
         numpy_helper.from_array(np.array([0.5], np.float32), "overlap"),
         numpy_helper.from_array(np.array([0.0], np.float32), "least")])
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)]),
              tmp_path / "m.onnx")
    done = nitro("run", tmp_path / "m.onnx")
    assert done.returncode == 3 and b"for some inputs" in done.stderr, done.stderr


# ---- functions

FUNCTIONS = """
<domain: "strange", opset_import: ["": 17, "strange": 1]>
block <slope> (a) => (b) { c = LeakyRelu <alpha: float = @slope> (a) b = strange.tail(c) }
<domain: "strange", opset_import: ["": 17, "com.microsoft": 1]>
tail (a) => (b) { c = com.microsoft.SampleOp(a) b = Softmax(c) }
"""


def test_functions_are_inlined(tmp_path):
    model = save(tmp_path / "m.onnx", "a = strange.block <slope = 0.3> (x) "
                 "y = strange.block <slope = 0.1> (a)", FUNCTIONS)
    proto = onnx.load(model)
    for entry in list(proto.opset_import):
        if entry.domain == "com.microsoft":  # only a function uses it
            proto.opset_import.remove(entry)
    onnx.save(proto, model)
    expect_same_after(model, tmp_path / "out.onnx", "export", model, "--types-by-run")
    profile = json.dumps(document("profile", model, "--threads", 1, "--repetitions", 2))
    assert "node0.tail" in profile and "node1.tail" in profile


def test_only_runners_get_a_copy_of_the_file(tmp_path):
    model = save(tmp_path / "m.onnx", "y = strange.block <slope = 0.3> (x)",
                 FUNCTIONS.replace("com.microsoft.SampleOp", "Erf"))
    no_files = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # noqa: E731
    assert nitro("inspect", model, preexec_fn=no_files).returncode == 0
    assert nitro("run", model, preexec_fn=no_files).returncode != 0


def test_both_runners_agree_on_functions(tmp_path):
    functions = FUNCTIONS.replace("com.microsoft.SampleOp", "Erf")
    model = save(tmp_path / "m.onnx", "y = strange.block <slope = 0.3> (x)", functions)
    by_ort, by_reference = outputs(model), outputs(model, "--runner", "reference")
    np.testing.assert_allclose(by_ort[0]["first"], by_reference[0]["first"], rtol=1e-5)


# ---- branches

def test_a_branch_of_a_known_condition_is_taken(tmp_path):
    branch = lambda op: helper.make_graph(
        [helper.make_node(op, ["a"], ["inner"], name=f"/head/{op}")], op, [],
        [helper.make_tensor_value_info("inner", onnx.TensorProto.FLOAT, None)])
    model = onnx.load(save(tmp_path / "m.onnx", "a = Relu(x) s = Shape(x) n = Size(s) "
                           "c = Equal(n, two) y = Identity(a)", weights={"two": np.array(2)}))
    del model.graph.node[-1]
    model.graph.node.append(helper.make_node("If", ["c"], ["y"], name="choice",
                                             then_branch=branch("Softmax"),
                                             else_branch=branch("Erf")))
    onnx.save(model, tmp_path / "m.onnx")
    assert {op["name"] for op in document("inspect", tmp_path / "m.onnx")["ops"]} == {
        "Relu", "Softmax"}
    expect_same_after(tmp_path / "m.onnx", tmp_path / "out.onnx", "export", tmp_path / "m.onnx")
