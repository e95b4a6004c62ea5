"""zoo:edgevl-dat-t against DAT++-T in plain PyTorch, with the zoo's random parameters."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="compares with PyTorch")
pytest.importorskip("onnx", reason="reads the exported parameters")
pytest.importorskip("onnxruntime", reason="executes the exported graph")

from dat_model import Dat  # noqa: E402
from exported import cosine, export, parameters, run  # noqa: E402

NAME = "edgevl-dat-t"


def images(batch):
    return np.random.default_rng(11).standard_normal((batch, 3, 224, 224), dtype=np.float32)


def with_constants(constants):
    """The model with the exported parameters; those of a MatMul are stored as [in, out]."""
    model = Dat().eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            transposed = name.endswith((".qkv.weight", ".proj.weight"))
            stored = np.array(constants[name].T if transposed else constants[name])
            value.copy_(torch.from_numpy(stored))
    return model


def embedding(model, image):
    with torch.inference_mode():
        return model(torch.from_numpy(image)).numpy()


def assert_same(ours, theirs):
    assert ours.shape == theirs.shape
    assert ours.std() > 0.1, "an almost constant embedding proves nothing"
    assert cosine(ours, theirs) >= 0.999999
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-5)


def test_equals_pytorch(tmp_path):
    path = export(NAME, tmp_path, "--batch", "2")
    image = images(2)
    ours = run(path, {"image": image})[0]
    assert_same(ours, embedding(with_constants(parameters(path)), image))
    assert np.abs(ours[0] - ours[1]).max() > 1e-2, "two images, one embedding"


def test_weights_of_a_checkpoint(tmp_path):
    """Through a training checkpoint with what EdgeVL's hold besides, safetensors and the export."""
    from nitro import edgevl

    torch.manual_seed(3)
    model = Dat().eval()
    with torch.no_grad():
        for value in model.parameters():
            value.add_(torch.randn_like(value) * 0.02)
    state = {f"module.{name}": value for name, value in model.named_parameters()}
    state |= {"module.cls_head.weight": torch.zeros(1000, 512), "module.cls_head.bias": torch.zeros(1000),
              "module.ctrs_weight": torch.tensor(0.01)}
    checkpoint, weights = tmp_path / "best.pth", tmp_path / "best.safetensors"
    torch.save({"model": state}, checkpoint)
    assert edgevl.main(["convert", str(checkpoint), str(weights)]) == 0
    path = export(NAME, tmp_path, "--weights", str(weights))
    image = images(1)
    assert_same(run(path, {"image": image})[0], embedding(model, image))
