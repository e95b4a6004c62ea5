"""The zoo's graphs against the same architectures of timm, with the zoo's random parameters.

Run with a Python that has torch, timm, onnx and onnxruntime, after building `nitro`:
pytest tests/zoo/timm_test.py. NITRO names the program where it is not build/release/nitro.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="compares with PyTorch")
pytest.importorskip("timm", reason="compares with timm's models")
pytest.importorskip("onnx", reason="reads the exported parameters")
pytest.importorskip("onnxruntime", reason="executes the exported graph")

from exported import export, parameters, run  # noqa: E402
from timm_models import set_parameters, student  # noqa: E402

NAMES = ("edgevl-vit-s", "edgevl-vit-b", "edgevl-swin-nano", "edgevl-swin-t",
         "edgevl-swin-s")
SEED = 20240731


def images(batch: int) -> np.ndarray:
    return np.random.default_rng(SEED).standard_normal((batch, 3, 224, 224), dtype=np.float32)


def run_timm(name: str, constants: dict[str, np.ndarray], image: np.ndarray) -> np.ndarray:
    model = student(name)
    set_parameters(model, constants)
    with torch.inference_mode():
        return model.eval()(torch.from_numpy(image)).numpy()


def assert_same_embeddings(ours: np.ndarray, theirs: np.ndarray) -> None:
    assert ours.shape == theirs.shape
    assert ours.std() > 0.1, "an almost constant embedding proves nothing"
    # An epsilon of 1e-6 instead of 1e-5 in the LayerNorms of Swin moves the embedding by 3e-5.
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-5)


@pytest.mark.parametrize("name", NAMES)
def test_equals_timm(name, tmp_path):
    path = export(name, tmp_path)
    image = images(1)
    assert_same_embeddings(run(path, {"image": image})[0], run_timm(name, parameters(path), image))


@pytest.mark.parametrize("name", ("edgevl-vit-s", "edgevl-swin-t"))
def test_batch_equals_timm(name, tmp_path):
    path = export(name, tmp_path, "--batch", "2")
    image = images(2)
    ours = run(path, {"image": image})[0]
    assert_same_embeddings(ours, run_timm(name, parameters(path), image))
    assert np.abs(ours[0] - ours[1]).max() > 1e-2, "two images, one embedding"


@pytest.mark.parametrize("name", ("edgevl-vit-s", "edgevl-swin-t"))
def test_weights_of_a_checkpoint(name, tmp_path):
    """A timm model's own weights, through a training checkpoint, safetensors and the export."""
    from nitro import edgevl
    from timm_models import edgevl_state

    torch.manual_seed(SEED)
    model = student(name).eval()
    state = {f"module.{key}": value for key, value in edgevl_state(model).items()}
    state["module.weight_rgb"] = torch.ones(1)
    checkpoint, weights = tmp_path / "best.pth", tmp_path / "best.safetensors"
    torch.save({"model": state, "epoch": 3}, checkpoint)
    assert edgevl.main(["convert", str(checkpoint), str(weights)]) == 0
    path = export(name, tmp_path, "--weights", str(weights))
    image = images(1)
    with torch.inference_mode():
        theirs = model(torch.from_numpy(image)).numpy()
    assert_same_embeddings(run(path, {"image": image})[0], theirs)
