"""What `nitro export --for` writes: of the opset and the operators of its target, with the results of the original."""

import os
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="checks the models")
onnxruntime = pytest.importorskip("onnxruntime", reason="runs the models")

ROOT = Path(__file__).resolve().parents[2]
NITRO = os.environ.get("NITRO_BINARY", ROOT / "build/release/nitro")
TARGETS = tomllib.loads((ROOT / "src/onnx/targets.toml").read_text())


def nitro(*arguments):
    return subprocess.run([NITRO, *arguments], capture_output=True, text=True, check=False)


def outputs(file, inputs):
    return onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"]).run(None, inputs)


@pytest.mark.parametrize("target", [row["name"] for row in TARGETS.values()])
@pytest.mark.parametrize("name", ["edgevl-swin-t", "edgevl-vit-s"])
def test_the_zoo_is_legal_and_the_same(name, target, tmp_path):
    original, legal = tmp_path / "original.onnx", tmp_path / "legal.onnx"
    assert nitro("zoo", "export", name, "-o", original).returncode == 0
    done = nitro("export", original, "--for", target, "-o", legal)
    assert done.returncode == 0, done.stderr
    row = next(row for row in TARGETS.values() if row["name"] == target)
    model = onnx.load(legal)
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", row["opset"])]
    assert {node.op_type for node in model.graph.node} <= set(row["operators"])
    image = np.random.default_rng(3).standard_normal((1, 3, 224, 224)).astype(np.float32)
    wanted, got = (outputs(file, {"image": image})[0].astype(np.float64).ravel() for file in (original, legal))
    assert wanted @ got / np.linalg.norm(wanted) / np.linalg.norm(got) >= 0.999999


@pytest.mark.parametrize("name", ["edgevl-swin-t", "edgevl-vit-s"])
def test_the_parser_and_builder_of_nvidia_take_it(name, tmp_path):
    """Those of TensorRT for RTX, which build without a GPU, though not for devices as old as these targets are for."""
    pytest.importorskip("tensorrt_rtx_libs", reason="has the parser")
    import tensorrt_rtx_bindings.tensorrt_rtx as trt

    original, legal = tmp_path / "original.onnx", tmp_path / "legal.onnx"
    assert nitro("zoo", "export", name, "-o", original).returncode == 0
    assert nitro("export", original, "--for", "tensorrt-8.0", "-o", legal).returncode == 0
    builder = trt.Builder(trt.Logger(trt.Logger.ERROR))
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, trt.Logger(trt.Logger.ERROR))
    assert parser.parse_from_file(str(legal)), [parser.get_error(i).desc() for i in range(parser.num_errors)]
    config = builder.create_builder_config()
    config.num_compute_capabilities = 1
    config.set_compute_capability(trt.ComputeCapability.SM86, 0)
    assert builder.build_serialized_network(network, config) is not None


def test_a_refusal_names_the_node(tmp_path):
    x = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [2, 3])
    y = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [2, 3])
    graph = onnx.helper.make_graph([onnx.helper.make_node("Sign", ["x"], ["y"], name="the_sign")], "g", [x], [y])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)]), tmp_path / "sign.onnx")
    done = nitro("export", tmp_path / "sign.onnx", "--for", "tensorrt-8.0", "-o", tmp_path / "legal.onnx")
    assert done.returncode == 3
    assert "the_sign" in done.stderr and "no such operator" in done.stderr
    assert not (tmp_path / "legal.onnx").exists()
