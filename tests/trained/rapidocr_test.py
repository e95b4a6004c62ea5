"""The whole chain on trained models that others made: the text detector, recogniser and classifier
inside the Python package rapidocr-onnxruntime, on rendered text."""

import importlib.util
import json
import os
import pathlib
import subprocess

import numpy
import pytest

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("PIL.Image")
from rendered_text import rendered  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
NITRO = os.environ.get("NITRO_BINARY", str(ROOT / "build/release/nitro"))

MODELS = {
    "ch_PP-OCRv4_det_infer": (1, 3, 320, 640),
    "ch_PP-OCRv4_rec_infer": (1, 3, 48, 320),
    "ch_ppocr_mobile_v2.0_cls_infer": (1, 3, 48, 192),
}
TEXTS = ("Nitro 2026", "window order", "depth + RGB")


def model_path(name):
    package = importlib.util.find_spec("rapidocr_onnxruntime")
    if package is None:
        pytest.skip("rapidocr-onnxruntime is not installed")
    return pathlib.Path(package.origin).parent / "models" / f"{name}.onnx"


def run(model, image):
    return onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"]).run(
        None, {"x": image})


@pytest.mark.parametrize("name", MODELS)
def test_rewritten_model_reads_the_same(name, tmp_path):
    shape = MODELS[name]
    source = model_path(name)
    command = [NITRO, "optimize", str(source), "--shape", "x=" + "x".join(map(str, shape)),
               "--threads", "2", "--repetitions", "1", "--no-ablation", "-o", str(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / f"{name}.result.json").read_text())
    assert result["numerics"] and all(check["ok"] for check in result["numerics"])
    assert any(entry["changed"] for entry in result["ledger"])
    assert result["baseline"]["profile"]["attributed_share"] > 0.99

    for text in TEXTS:
        image = rendered(text, *shape[2:])
        before, after = run(source, image), run(tmp_path / f"{name}.opt.onnx", image)
        for wanted, got in zip(before, after, strict=True):
            assert numpy.ptp(wanted) > 0, "a constant output proves nothing"
            numpy.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-4)
            # A map of text is read by a threshold, rows of class scores by their largest.
            read = (lambda y: y > 0.3) if wanted.ndim == 4 else (lambda y: y.argmax(-1))
            assert (read(got) == read(wanted)).all()
