"""What a model file may ask for. Run with pytest, as cli_test.py."""

import os

import numpy as np
import pytest
from cli_test import document, needs_ort, nitro
from operators_test import save

pytestmark = needs_ort


@pytest.fixture
def model(tmp_path):
    """A model whose weights lie in w.bin."""
    (tmp_path / "model").mkdir()
    return save(tmp_path / "model/m.onnx", "a = Add(x, w) y = Relu(a)",
                weights={"w": np.ones((2, 8), np.float32)}, save_as_external_data=True,
                location="w.bin", size_threshold=0)


def refusal(*words):
    done = nitro(*words)
    assert done.returncode == 3, done.stderr.decode()
    return done.stderr.decode()


def test_symlinks_are_followed_on_demand(model):
    weights = model.parent / "w.bin"
    weights.rename(model.parent / "blob")
    weights.symlink_to("blob")
    assert "--allow-symlinks" in refusal("inspect", model)
    given = document("run", model, "--allow-symlinks", "--threads", 1)["outputs"]
    assert given[0]["greatest"] > 0


def test_symlinks_never_leave_the_folder(model, tmp_path):
    weights = model.parent / "w.bin"
    weights.rename(tmp_path / "blob")
    weights.symlink_to("../blob")
    assert "outside the model's folder" in refusal("inspect", model, "--allow-symlinks")


def test_strict_refuses_hard_links(model, tmp_path):
    os.link(model.parent / "w.bin", tmp_path / "other")
    assert any("hard link" in note for note in document("inspect", model)["notes"])
    assert "hard link" in refusal("inspect", model, "--strict")


def test_sizes_are_limited(model):
    assert "the limit is 10" in refusal("inspect", model, "--max-model-bytes", 10)
    assert "2 nodes" in refusal("inspect", model, "--max-nodes", 1)
