"""What `nitro export --for` writes: of the opset and the operators of its target, with the results of the original."""

import os
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="checks the models")
onnxruntime = pytest.importorskip("onnxruntime", reason="runs the models")

from exported import cosine  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
NITRO = os.environ.get("NITRO_BINARY", ROOT / "build/release/nitro")
TARGETS = tomllib.loads((ROOT / "src/onnx/targets.toml").read_text())


ROWS = {row["name"]: row for row in TARGETS.values()}
MODELS = ["clip-vit-b32", "edgevl-dat-t", "edgevl-swin-t", "edgevl-vit-s"]
# Those of a row besides name, summary, opset, source, extends and operators.
RESTRICTIONS = {"planar", "types", "lacks", "pad_last_axes", "resize_modes", "resize_coordinates", "resize_nearest"}


def operators(row):
    return set(row["operators"]) | (operators(TARGETS[row["extends"]]) if "extends" in row else set())


def nitro(*arguments):
    return subprocess.run([NITRO, *arguments], capture_output=True, text=True, check=False)


def outputs(file, inputs):
    return onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"]).run(None, inputs)


def inputs_of(name):
    random = np.random.default_rng(3)
    inputs = {"image": random.standard_normal((1, 3, 224, 224)).astype(np.float32)}
    if name.startswith("clip"):
        inputs["text"] = random.integers(0, 49408, (1, 77)).astype(np.int32)
    return inputs


@pytest.fixture(scope="module", params=MODELS)
def original(request, tmp_path_factory):
    """A file of the zoo, inputs, and what it makes of them."""
    file = tmp_path_factory.mktemp("zoo") / "original.onnx"
    assert nitro("zoo", "export", request.param, "-o", file).returncode == 0
    inputs = inputs_of(request.param)
    return file, inputs, outputs(file, inputs)


@pytest.mark.parametrize("key", TARGETS)
def test_a_row_is_well_formed(key):
    row = TARGETS[key]
    assert key == row["name"].replace(".", "-")
    assert row["source"] and row["summary"] and row["opset"] >= 13
    assert set(row) <= {"name", "summary", "opset", "source", "extends", "operators"} | RESTRICTIONS
    schemas = onnx.defs.get_all_schemas_with_history()
    assert operators(row) <= {schema.name for schema in schemas
                              if schema.domain == "" and schema.since_version <= row["opset"]}
    named = {phrase.split()[0] for phrase in row.get("lacks", [])}
    assert {*row.get("planar", []), *row.get("types", {}), *named} <= operators(row)
    if "extends" in row:
        assert not set(row["operators"]) & operators(TARGETS[row["extends"]])


@pytest.mark.parametrize("target", ROWS)
def test_the_zoo_is_legal_and_the_same(original, target, tmp_path):
    file, inputs, wanted = original
    done = nitro("export", file, "--for", target, "-o", tmp_path / "legal.onnx")
    assert done.returncode == 0, done.stderr
    row = ROWS[target]
    model = onnx.load(tmp_path / "legal.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", row["opset"])]
    used = {node.op_type for node in model.graph.node}
    assert used <= operators(row)
    assert ("LayerNormalization" in used) == ("LayerNormalization" in operators(row)), "what it has stays"
    for was, got in zip(wanted, outputs(tmp_path / "legal.onnx", inputs), strict=True):
        assert cosine(was, got) >= 0.999999


@pytest.mark.parametrize("target", ["tensorrt-8.2", "tensorrt-10"])
def test_the_parser_and_builder_of_nvidia_take_it(original, target, tmp_path):
    """Those of TensorRT for RTX, which build without a GPU, though not for devices as old as some of the targets are for."""
    pytest.importorskip("tensorrt_rtx_libs", reason="has the parser")
    import tensorrt_rtx_bindings.tensorrt_rtx as trt

    legal = tmp_path / "legal.onnx"
    assert nitro("export", original[0], "--for", target, "-o", legal).returncode == 0
    builder = trt.Builder(trt.Logger(trt.Logger.ERROR))
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, trt.Logger(trt.Logger.ERROR))
    assert parser.parse_from_file(str(legal)), [parser.get_error(i).desc() for i in range(parser.num_errors)]
    config = builder.create_builder_config()
    config.num_compute_capabilities = 1
    config.set_compute_capability(trt.ComputeCapability.SM86, 0)
    assert builder.build_serialized_network(network, config) is not None


def one_node(file, node, shape, initializers=()):
    x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name in ("x", "y"))
    graph = onnx.helper.make_graph([node], "g", [x], [y], initializers)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=8), file)


@pytest.mark.parametrize("node, target, kept", [
    (onnx.helper.make_node("HardSwish", ["x"], ["y"]), "tensorrt-8.2", False),
    (onnx.helper.make_node("HardSwish", ["x"], ["y"]), "tensorrt-8.6", True),
    (onnx.helper.make_node("HardSwish", ["x"], ["y"]), "onnxruntime-1.11", True),
    (onnx.helper.make_node("Mish", ["x"], ["y"]), "tensorrt-10", False),
    (onnx.helper.make_node("Reciprocal", ["x"], ["y"]), "tensorrt-8.2", False),
    (onnx.helper.make_node("Reciprocal", ["x"], ["y"]), "onnxruntime-1.11", True),
    (onnx.helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1]), "tensorrt-8.2", False),
    (onnx.helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1]), "tensorrt-8.6", True),
])
def test_only_what_the_target_lacks_is_split(node, target, kept, tmp_path):
    weights = onnx.numpy_helper.from_array(np.float32([[[1, 2, -3]]]), "w")
    one_node(tmp_path / "one.onnx", node, [1, 1, 8], [weights] if node.op_type == "Conv" else [])
    done = nitro("export", tmp_path / "one.onnx", "--for", target, "-o", tmp_path / "legal.onnx")
    assert done.returncode == 0, done.stderr
    model = onnx.load(tmp_path / "legal.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert ([entry.op_type for entry in model.graph.node] == [node.op_type]) == kept
    inputs = {"x": np.linspace(-4, 3.5, 8, dtype=np.float32).reshape(1, 1, 8)}
    wanted, got = (outputs(tmp_path / name, inputs)[0] for name in ("one.onnx", "legal.onnx"))
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("corners", [0, 1])
@pytest.mark.parametrize("padding", ["zeros", "border"])
@pytest.mark.parametrize("target, kept", [("tensorrt-8.0", False), ("tensorrt-8.2", False),
                                          ("tensorrt-8.6", True), ("onnxruntime-1.11", True)])
def test_bilinear_samples(target, kept, padding, corners, tmp_path):
    node = onnx.helper.make_node("GridSample", ["x", "grid"], ["y"], mode="bilinear", padding_mode=padding,
                                 align_corners=corners)
    x, grid, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
                  for name, shape in (("x", (2, 3, 9, 7)), ("grid", (2, 5, 8, 2)), ("y", (2, 3, 5, 8))))
    graph = onnx.helper.make_graph([node], "g", [x, grid], [y])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 16)], ir_version=8),
              tmp_path / "sample.onnx")
    done = nitro("export", tmp_path / "sample.onnx", "--for", target, "-o", tmp_path / "legal.onnx")
    assert done.returncode == 0, done.stderr
    used = [node.op_type for node in onnx.load(tmp_path / "legal.onnx").graph.node]
    assert (used == ["GridSample"]) == kept
    random = np.random.default_rng(2)
    places = random.uniform(-1.5, 1.5, (2, 5, 8, 2)).astype(np.float32)
    places[0, 0] = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1], [0, 0], [9, 0], [0, -9], [1e6, 1e6]])
    inputs = {"x": random.standard_normal((2, 3, 9, 7)).astype(np.float32), "grid": places}
    wanted, got = (outputs(tmp_path / name, inputs)[0] for name in ("sample.onnx", "legal.onnx"))
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)


def test_a_refusal_names_the_node(tmp_path):
    one_node(tmp_path / "sign.onnx", onnx.helper.make_node("Sign", ["x"], ["y"], name="the_sign"), [2, 3])
    done = nitro("export", tmp_path / "sign.onnx", "--for", "tensorrt-8.0", "-o", tmp_path / "legal.onnx")
    assert done.returncode == 3
    assert "the_sign" in done.stderr and "no such operator" in done.stderr
    assert not (tmp_path / "legal.onnx").exists()
    assert nitro("export", tmp_path / "sign.onnx", "--for", "tensorrt-8.2", "-o", tmp_path / "legal.onnx").returncode == 0
