"""zoo:clip-vit-b32 against CLIP in plain PyTorch, with the zoo's random parameters."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="compares with PyTorch")
pytest.importorskip("onnx", reason="reads the exported parameters")
pytest.importorskip("onnxruntime", reason="executes the exported graph")

from clip_model import Clip, set_parameters  # noqa: E402
from exported import cosine, export, parameters, run  # noqa: E402

NAME = "clip-vit-b32"
OUTPUTS = 3
START, END = 49406, 49407
TOKENS = 77


def texts(count: int) -> np.ndarray:
    """Rows as CLIP's tokenizer makes them, but for the last, which is filled up with end tokens."""
    random = np.random.default_rng(5)
    rows = np.zeros((count, TOKENS), np.int32)
    for row in range(count):
        words = 3 + 11 * row
        rows[row, 0] = START
        rows[row, 1:1 + words] = random.integers(1, START, words)
        rows[row, 1 + words:] = END if row == count - 1 else 0
        rows[row, 1 + words] = END
    return rows


def inputs(batch: int, count: int) -> dict[str, np.ndarray]:
    image = np.random.default_rng(7).standard_normal((batch, 3, 224, 224), dtype=np.float32)
    return {"image": image, "text": texts(count)}


def outputs_of(model, feed):
    with torch.inference_mode():
        made = model.eval()(torch.from_numpy(feed["image"]), torch.from_numpy(feed["text"]).long())
    return [output.numpy() for output in made]


def assert_same(ours, theirs):
    assert len(ours) == len(theirs) == OUTPUTS
    for mine, wanted in zip(ours, theirs, strict=True):
        assert mine.shape == wanted.shape
        assert cosine(mine, wanted) >= 0.999999
        np.testing.assert_allclose(mine, wanted, rtol=0, atol=2e-5)


def test_equals_pytorch(tmp_path):
    path = export(NAME, tmp_path, "--batch", "2", "--texts", "4")
    model = Clip()
    set_parameters(model, parameters(path))
    feed = inputs(2, 4)
    image, text, logits = run(path, feed)
    assert_same([image, text, logits], outputs_of(model, feed))
    np.testing.assert_allclose(np.linalg.norm(image, axis=1), 1, atol=1e-5)
    assert np.abs(text @ text.T - np.eye(4)).max() < 0.999, "each text has an embedding of its own"


def test_has_the_parameters_of_the_checkpoint(tmp_path):
    constants = parameters(export(NAME, tmp_path))
    wanted = {name: value.numel() for name, value in Clip().named_parameters()}
    assert sum(wanted.values()) == 151277313
    assert {name: constants[name].size for name in wanted} == wanted


def test_weights_of_a_checkpoint(tmp_path):
    safetensors = pytest.importorskip("safetensors.torch", reason="writes the checkpoint")
    torch.manual_seed(3)
    model = Clip()
    with torch.no_grad():
        for value in model.parameters():
            value.add_(torch.randn_like(value) * 0.05)
    # OpenAI's archives are in half precision and name three sizes among their tensors.
    state = {name: value.detach().half() for name, value in model.named_parameters()}
    model.load_state_dict(state)
    state |= {"input_resolution": torch.tensor(224), "context_length": torch.tensor(TOKENS),
              "vocab_size": torch.tensor(END + 1)}
    safetensors.save_file(state, str(tmp_path / "clip.safetensors"))
    path = export(NAME, tmp_path, "--weights", str(tmp_path / "clip.safetensors"))
    feed = inputs(1, 1)
    assert_same(run(path, feed), outputs_of(model, feed))
