"""A smaller model that learns what its original gives."""

import json
import subprocess

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="trains with PyTorch")
pytest.importorskip("safetensors", reason="reads checkpoints")

import onnx  # noqa: E402
from exported import NITRO, export, run  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from training import distil, pack  # noqa: E402
from training.deadline import Deadline  # noqa: E402
from training.errors import TrainingError  # noqa: E402
from training.onnx_module import OnnxModule  # noqa: E402


@pytest.mark.parametrize("model", ["edgevl-swin-nano", "edgevl-vit-s"])
def test_a_model_gives_what_onnxruntime_gives(model, tmp_path):
    path = export(model, tmp_path)
    images = np.random.default_rng(1).normal(size=(2, 3, 224, 224)).astype(np.float32)
    with torch.inference_mode():
        ours = OnnxModule(path)(torch.from_numpy(images)).numpy()
    for image, row in zip(images, ours, strict=True):
        wanted = run(path, {"image": image[None]})[0]
        np.testing.assert_allclose(row[None], wanted, rtol=1e-3, atol=1e-4)


def small_model(path, hidden, seed):
    """Patches of 8, a norm, an MLP of `hidden` neurons, and a head, for images of 56 pixels."""
    random = np.random.default_rng(seed)

    def constant(name, *shape):
        values = random.normal(0, 1 / np.sqrt(max(1, np.prod(shape[:-1]))), shape)
        return numpy_helper.from_array(values.astype(np.float32), name)

    weights = [constant("patch", 16, 3, 8, 8), constant("norm.scale", 16),
               constant("norm.shift", 16), constant("fc1", 16, hidden), constant("fc1.bias", hidden),
               constant("fc2", hidden, 16), constant("head", 16, 24),
               numpy_helper.from_array(np.array([1, 16, 49]), "shape"),
               numpy_helper.from_array(np.array([1]), "axes")]
    nodes = [
        helper.make_node("Conv", ["image", "patch"], ["p"], strides=[8, 8]),
        helper.make_node("Reshape", ["p", "shape"], ["r"]),
        helper.make_node("Transpose", ["r"], ["t"], perm=[0, 2, 1]),
        helper.make_node("LayerNormalization", ["t", "norm.scale", "norm.shift"], ["n"]),
        helper.make_node("MatMul", ["n", "fc1"], ["h"]),
        helper.make_node("Add", ["fc1.bias", "h"], ["b"]),
        helper.make_node("Gelu", ["b"], ["g"]),
        helper.make_node("MatMul", ["g", "fc2"], ["m"]),
        helper.make_node("Add", ["t", "m"], ["s"]),
        helper.make_node("ReduceMean", ["s", "axes"], ["mean"], keepdims=0),
        helper.make_node("MatMul", ["mean", "head"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes, "small", [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 56, 56])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, 24])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    model.metadata_props.add(key="kept", value="as it was")
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


@pytest.fixture
def pair(tmp_path):
    return small_model(tmp_path / "small.onnx", 8, 2), small_model(tmp_path / "large.onnx", 32, 1)


def arguments(pair, shapes, output, *more):
    return [str(pair[0]), "--teacher", str(pair[1]), "--data", str(shapes / "data"), "-o",
            str(output), "--epochs", "6", "--batch", "12", "--rate", "5e-3", "--device", "cpu", *more]


def cosines(output):
    return [entry["cosine"] for entry in map(json.loads, (output / "log.jsonl").open())
            if "cosine" in entry]


def test_learns_without_labels_and_changes_weights_alone(pair, shapes, tmp_path):
    assert distil.main(arguments(pair, shapes, tmp_path / "out")) == 0
    seen = cosines(tmp_path / "out")
    assert min(seen[-1].values()) > max(0.9, min(seen[0].values()))
    before, after = onnx.load(pair[0]), onnx.load(tmp_path / "out" / "distilled.onnx")
    changed = {a.name for a, b in zip(before.graph.initializer, after.graph.initializer, strict=True)
               if a != b}
    assert changed == {"patch", "norm.scale", "norm.shift", "fc1", "fc1.bias", "fc2", "head"}
    for model in (before, after):
        model.graph.ClearField("initializer")
    assert before == after


def test_goes_on_and_ends_with_the_same_bits(pair, shapes, tmp_path, monkeypatch):
    assert distil.main(arguments(pair, shapes, tmp_path / "whole")) == 0
    asked = []

    def at_every_tenth_step(_):
        asked.append(None)
        return len(asked) % 10 == 0

    monkeypatch.setattr(Deadline, "reached", at_every_tenth_step)
    codes = []
    while not codes or codes[-1] == 75:
        codes.append(distil.main(arguments(pair, shapes, tmp_path / "parts")))
    assert codes == [75] * 4 + [0]
    written = [(tmp_path / name / "distilled.onnx").read_bytes() for name in ("whole", "parts")]
    assert written[0] == written[1]
    other = small_model(tmp_path / "other.onnx", 8, 3)
    assert distil.main(arguments((other, pair[1]), shapes, tmp_path / "parts")) == 3


def test_says_what_it_cannot_train(shapes, tmp_path, capsys):
    exact = tmp_path / "exact.onnx"
    subprocess.run([NITRO, "apply", export("edgevl-swin-nano", tmp_path), "--pass",
                    "fuse-attention", "-o", exact], check=True)
    with pytest.raises(TrainingError, match="cannot be trained"):
        OnnxModule(exact)
    (tmp_path / "broken.onnx").write_bytes(b"\x08")
    pair = (tmp_path / "broken.onnx", exact)
    assert distil.main(arguments(pair, shapes, tmp_path / "out")) == 3
    assert "broken.onnx" in capsys.readouterr().err
