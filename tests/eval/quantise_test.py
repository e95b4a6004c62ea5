"""`nitro calibrate` and `quantize-int8` end to end on small made data. Run with pytest, as eval_test.py."""

import base64
import json
import os
import subprocess
import sys

import eval_data as data
import numpy as np
import onnx
import pytest
from eval_harness import NITRO, document, needs_ort
from onnx import helper

WIDTH = 24


def nitro(*words, code=0):
    environment = dict(os.environ, NITRO_PYTHON=sys.executable, NO_COLOR="", TERM="xterm")
    done = subprocess.run([NITRO, *map(str, words)], capture_output=True, timeout=300, env=environment)
    assert done.returncode == code, (done.stdout, done.stderr.decode())
    return done.stdout.decode() if code == 0 else done.stderr.decode()


@pytest.fixture
def model(tmp_path):
    """A convolution, LayerNorm and two linear layers, one of them without a bias."""
    rng = np.random.default_rng(1)
    constants = [(name, rng.standard_normal(shape).astype(np.float32)) for name, shape in {
        "kernel": (WIDTH, 3, 4, 4), "shift": (WIDTH,), "scale": (WIDTH,), "up": (WIDTH, 48), "bias": (48,),
        "down": (48, 16)}.items()]
    constants.append(("rows", np.array([1, WIDTH, 16], np.int64)))
    nodes = [helper.make_node("Conv", ["image", "kernel"], ["patches"], strides=[4, 4]),
             helper.make_node("Reshape", ["patches", "rows"], ["flat"]),
             helper.make_node("Transpose", ["flat"], ["tokens"], perm=[0, 2, 1]),
             helper.make_node("LayerNormalization", ["tokens", "scale", "shift"], ["normal"]),
             helper.make_node("MatMul", ["normal", "up"], ["product"]),
             helper.make_node("Add", ["product", "bias"], ["hidden"]),
             helper.make_node("Relu", ["hidden"], ["active"]),
             helper.make_node("MatMul", ["active", "down"], ["out"]),
             helper.make_node("ReduceMean", ["out"], ["y"], axes=[1], keepdims=0)]
    return data.model(tmp_path / "m.onnx", nodes, [("image", [1, 3, 16, 16])], [("y", [1, 16])], constants)


@pytest.fixture
def images(tmp_path):
    return data.colour_folder(tmp_path / "set", size=16)


def calibrate(model, images, path, *more, runner="reference"):
    nitro("calibrate", model, "--data", images, "-o", path, "--runner", runner, *more)
    return json.loads(path.read_text())


def test_statistics_are_those_of_the_values(tmp_path, images):
    flat = data.model(
        tmp_path / "flat.onnx",
        [helper.make_node("Reshape", ["image", "shape"], ["row"]), helper.make_node("MatMul", ["row", "w"], ["y"])],
        [("image", [1, 3, 2, 2])], [("y", [1, 2])],
        [("shape", np.array([1, 12])), ("w", np.ones((12, 2), np.float32))])
    rows = np.random.default_rng(2).standard_normal((5, 12)).astype(np.float32)
    for i, row in enumerate(rows):
        data.save_array(tmp_path / "arrays/rgb/one" / f"{i}.npy", row.reshape(1, 3, 2, 2))
    record, = calibrate(flat, tmp_path / "arrays", tmp_path / "c.json", "--moments")["values"]
    assert record["name"] == "row" and record["shape"] == [1, 12]
    assert record["min"] == rows.min() and record["max"] == rows.max()
    assert record["channel_max"] == np.abs(rows).max(0).tolist()
    assert sum(record["histogram"]["counts"]) == rows.size
    exact = rows.astype(np.float64)
    products = np.frombuffer(base64.b64decode(record["moments"]["products"]), "<f8")
    assert np.allclose(products, (exact.T @ exact)[np.triu_indices(12)], rtol=1e-12)
    assert np.allclose(record["moments"]["sums"], exact.sum(0)) and record["moments"]["rows"] == 5


def test_the_choice_of_scenes_is_the_same_each_time(tmp_path, model, images):
    first = calibrate(model, images, tmp_path / "a.json", "--limit", 7)
    assert first == calibrate(model, images, tmp_path / "b.json", "--limit", 7)
    assert first["scenes"] == 7 and first["modalities"] == ["rgb"]
    assert [value["name"] for value in first["values"]] == ["active", "image", "normal", "patches"]


@needs_ort
@pytest.mark.parametrize("method", ["minmax", "percentile", "mse", "entropy"])
def test_onnxruntime_computes_in_8_bits(tmp_path, model, images, method):
    import onnxruntime

    scales = tmp_path / "c.json"
    calibrate(model, images, scales, runner="ort")
    quantised = tmp_path / "int8.onnx"
    nitro("apply", model, "--pass", f"quantize-int8:calibration={scales},method={method},min_macs=0", "-o", quantised)
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "fused.onnx")
    onnxruntime.InferenceSession(str(quantised), options, providers=["CPUExecutionProvider"])
    ops = [node.op_type for node in onnx.load(tmp_path / "fused.onnx").graph.node]
    assert {"QLinearConv", "QGemm", "MatMulIntegerToFloat"} <= set(ops)
    assert not {"Conv", "Gemm", "MatMul"} & set(ops)
    result = document(quantised, "--data", images, "--reference", model, runner="ort")
    assert result["modalities"][0]["reference"]["cosine"]["least"] > 0.99


@needs_ort
def test_a_second_pass_changes_nothing_even_from_a_file(tmp_path, model, images):
    import onnxruntime

    scales = tmp_path / "c.json"
    calibrate(model, images, scales)
    once, twice = tmp_path / "once.onnx", tmp_path / "twice.onnx"
    step = f"quantize-int8:calibration={scales},min_macs=0"
    nitro("apply", model, "--pass", step, "-o", once)
    table = nitro("apply", once, "--pass", step, "--pass", "fold-constants", "-o", twice)
    assert "yes" not in table
    image = {"image": np.random.default_rng(3).standard_normal((1, 3, 16, 16)).astype(np.float32)}
    results = [onnxruntime.InferenceSession(str(file)).run(None, image)[0] for file in (once, twice)]
    assert np.array_equal(*results)


def test_a_recipe_before_is_calibrated_with(tmp_path, model, images):
    before = ["--pass", "lower-linear", "--pass", "eliminate-dead-code"]
    scales = tmp_path / "c.json"
    calibrate(model, images, scales, *before)
    step = ["--pass", f"quantize-int8:calibration={scales},min_macs=0"]
    nitro("apply", model, *before, *step, "-o", tmp_path / "int8.onnx")
    message = nitro("apply", model, *step, "-o", tmp_path / "other.onnx", code=3)
    assert "another graph" in message and "nitro calibrate" in message


def test_what_calibrate_refuses(tmp_path, model, images):
    assert "--data" in nitro("calibrate", model, "-o", tmp_path / "c.json", code=2)
    mine = tmp_path / "mine.json"
    mine.write_text("{}")
    nitro("calibrate", model, "--data", images, "-o", mine, code=2)
    assert mine.read_text() == "{}"
    broken = data.save_array(tmp_path / "nan/rgb/one/0.npy", np.full((1, 3, 16, 16), np.nan, np.float32))
    message = nitro("calibrate", model, "--data", broken.parents[2], "-o", tmp_path / "c.json", "--runner", "reference",
                    code=3)
    assert "finite" in message and not (tmp_path / "c.json").exists()
