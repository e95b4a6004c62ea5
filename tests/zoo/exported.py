"""Models of the zoo as `nitro zoo export` writes them."""

import os
import pathlib
import subprocess

import numpy as np
import onnx
import onnxruntime
import pytest

ROOT = pathlib.Path(__file__).parents[2]
NITRO = os.environ.get("NITRO_BINARY", str(ROOT / "build" / "release" / "nitro"))


def export(name: str, folder: pathlib.Path, *options: str) -> pathlib.Path:
    path = folder / f"{name}.onnx"
    command = [NITRO, "zoo", "export", name, "-o", str(path), *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip(f"{NITRO} is not built")
    assert done.returncode == 0, done.stderr
    return path


def parameters(path: pathlib.Path) -> dict[str, np.ndarray]:
    model = onnx.load(str(path))
    return {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def run(path: pathlib.Path, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
