"""`nitro calibrate --extremes`, `convert-f16` and `quantize-weights` end to end. Run with pytest, as eval_test.py."""

import json
import os
import subprocess
import sys

import eval_data as data
import numpy as np
import onnx
import pytest
from eval_harness import NITRO, needs_ort
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

WIDTH = 12


def nitro(*words):
    environment = dict(os.environ, NITRO_PYTHON=sys.executable, NO_COLOR="", TERM="xterm")
    done = subprocess.run([NITRO, *map(str, words)], capture_output=True, timeout=300, env=environment, text=True)
    assert done.returncode == 0, done.stderr


def bright_noise(shape):
    return 1 + np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def rounded_outputs(path):
    """Of a model that is computed node by node in the types that it has."""
    reference = ReferenceEvaluator(str(path))
    with np.errstate(over="ignore", invalid="ignore"):
        return reference.run(None, {"image": bright_noise((1, 3, 8, 8))})[0].astype(np.float64)


def outputs(path):
    """By onnxruntime's processor backend, which does not round between nodes that it has no kernels of f16 for."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    image, = session.get_inputs()
    shape = [size if isinstance(size, int) else 1 for size in image.shape]
    return session.run(None, {image.name: bright_noise(shape)})[0].astype(np.float64)


def cosine(a, b):
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


@pytest.fixture
def model(tmp_path):
    """A channel that is squared when it has grown a thousandfold, between two layers; scores with a hidden one."""
    rng = np.random.default_rng(1)
    grow, shrink = np.ones(WIDTH, np.float32), np.ones(WIDTH, np.float32)
    grow[3], shrink[3] = 1e3, 1e-6
    hidden = np.zeros(WIDTH, np.float32)
    hidden[5] = -1e9
    constants = [("up", rng.standard_normal((3, WIDTH)).astype(np.float32)),
                 ("down", rng.standard_normal((WIDTH, 8)).astype(np.float32)),
                 ("grow", grow), ("shrink", shrink), ("hidden", hidden)]
    nodes = [helper.make_node("ReduceMean", ["image"], ["mean"], axes=[2, 3], keepdims=0),
             helper.make_node("MatMul", ["mean", "up"], ["wide"]),
             helper.make_node("Mul", ["wide", "grow"], ["grown"]),
             helper.make_node("Mul", ["grown", "grown"], ["square"]),
             helper.make_node("Mul", ["square", "shrink"], ["small"]),
             helper.make_node("Add", ["small", "hidden"], ["scores"]),
             helper.make_node("Softmax", ["scores"], ["weights"]),
             helper.make_node("Mul", ["weights", "small"], ["mixed"]),
             helper.make_node("MatMul", ["mixed", "down"], ["y"])]
    return data.model(tmp_path / "m.onnx", nodes, [("image", [1, 3, 8, 8])], [("y", [1, 8])], constants)


@pytest.mark.parametrize("runner", ["reference", pytest.param("ort", marks=needs_ort)])
def test_extremes_are_those_of_all_values(tmp_path, model, runner):
    images = data.colour_folder(tmp_path / "set", size=8, count=2)
    seen = tmp_path / "c.json"
    nitro("calibrate", model, "--data", images, "-o", seen, "--runner", runner, "--extremes")
    extremes = {name: (low, high) for name, low, high in json.loads(seen.read_text())["extremes"]}
    assert set(extremes) == {"image", "mean", "wide", "grown", "square", "small", "scores", "weights", "mixed", "y"}
    assert extremes["square"][0] == 0 and extremes["square"][1] > 65504
    assert extremes["scores"][0] == pytest.approx(-1e9) and 0 < extremes["weights"][1] <= 1


@needs_ort
def test_a_scan_saves_what_would_overflow(tmp_path, model):
    images = data.colour_folder(tmp_path / "set", size=8, count=2)
    seen, naive, half = tmp_path / "c.json", tmp_path / "naive.onnx", tmp_path / "half.onnx"
    nitro("calibrate", model, "--data", images, "-o", seen, "--runner", "ort", "--extremes")
    nitro("apply", model, "--pass", "convert-f16:islands=none", "-o", naive)
    nitro("apply", model, "--pass", f"convert-f16:calibration={seen}", "-o", half)
    onnx.checker.check_model(str(half), full_check=True)
    assert not np.isfinite(rounded_outputs(naive)).all()
    wanted = outputs(model)
    for got in (rounded_outputs(half), outputs(half)):
        assert np.abs(got - wanted).max() < 5e-3 * np.abs(wanted).max()


def types(path):
    graph = onnx.load(path).graph
    return {tensor.data_type for tensor in graph.initializer}


@needs_ort
@pytest.mark.parametrize("name", ["edgevl-vit-s", "edgevl-swin-nano"])
@pytest.mark.parametrize("fused", [False, True])
def test_models_of_the_zoo_stay_what_they_are(tmp_path, name, fused):
    recipe = tmp_path / "recipe.toml"
    passes = ["fuse-layer-norm", "fuse-gelu", "fuse-attention"] if fused else []
    passes += ["convert-f16", "quantize-weights"]
    recipe.write_text("version = 1\n" + "".join(f'[[step]]\npass = "{each}"\n' for each in passes))
    full, half = tmp_path / "full.onnx", tmp_path / "half.onnx"
    nitro("apply", f"zoo:{name}", "--pass", "eliminate-dead-code", "-o", full)
    nitro("apply", f"zoo:{name}", "--recipe", recipe, "-o", half)
    if not fused:  # what onnxruntime adds to the standard is not known to the checker
        onnx.checker.check_model(str(half), full_check=True)
    assert TensorProto.FLOAT16 in types(half)
    assert half.stat().st_size < 0.6 * full.stat().st_size
    assert cosine(outputs(full), outputs(half)) > 0.999
