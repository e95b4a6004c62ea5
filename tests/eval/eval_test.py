"""`nitro eval` end to end on small made data. Run with pytest, as tests/cli/cli_test.py."""

import json
import os
import shutil
import signal
import subprocess
import sys

import eval_harness as harness
import eval_data as data
import numpy as np
import pytest
from eval_harness import NITRO, document, needs_ort, refused, succeed, valid

HOSTILE = "a\x1b[31m<script>%s{}\u202e"


@pytest.fixture
def colours(tmp_path):
    """Arguments for a model that tells colours apart."""
    model = data.mean_colour_model(tmp_path / "m.onnx")
    folder = data.colour_folder(tmp_path / "set")
    return [model, "--data", folder, *data.colour_text(tmp_path)]


@needs_ort
def test_colours_are_told_apart(tmp_path, colours):
    result = valid(document(*colours, runner="ort"), tmp_path)
    rgb = result["modalities"][0]
    assert rgb["top1"] == {"images": 18, "hits": 18, "low": pytest.approx(0.8241, abs=1e-4),
                           "high": 1.0}
    assert rgb["numbers"]["clip_score"] > 90 and rgb["confusion"] == []
    assert result["classes"] == ["blue", "green", "red"] and result["scores"] == "cosine"
    assert sorted(result["scenes"])[0] == "blue/000" and result["runner"]["name"] == "ort"


def test_text_fits_the_terminal(colours):
    text = succeed(*colours, "--per-class", "--reference", colours[0])
    assert all(len(line) <= 100 for line in text.splitlines())
    assert "100.0 %" in text and "blue" in text and "more images to tell" in text


@pytest.mark.parametrize("batch", [4, 7])
def test_batches_change_nothing(tmp_path, colours, batch):
    fixed = data.mean_colour_model(tmp_path / "fixed.onnx", batch)
    free = data.mean_colour_model(tmp_path / "free.onnx", "batch")
    one, *others = [document(model, *colours[1:], *more)["modalities"] for model, more in
                    ((colours[0], []), (fixed, []), (free, ["--batch", batch]), (free, []))]
    assert others == [one] * 3


def test_a_model_of_several_modalities(tmp_path, colours):
    for name in data.COLOURS:
        for i in range(6):
            data.save_image(tmp_path / "set/depth" / name / f"{i:03}.png",
                            np.full((5, 9), 40 * i, np.uint16))
    batched = data.pair_model(tmp_path / "pair.onnx")
    result = valid(document(batched, *colours[1:], "--reference", colours[0], "--pixels", "auto"),
                   tmp_path)
    depth, rgb = result["modalities"]
    assert (depth["modality"], rgb["modality"]) == ("depth", "rgb")
    assert rgb["reference"]["agreement"] == 1 and rgb["reference"]["cosine"]["least"] > 1 - 1e-6
    # Equal 16-bit depths are stretched to zero: no direction for pixel / 255.
    assert depth["without_direction"] == 18 and depth["top1"]["hits"] == 0


def test_a_stored_result_is_a_reference(tmp_path, colours):
    worse = data.mean_colour_model(tmp_path / "worse.onnx", noise=5)
    stored = tmp_path / "stored.json"
    succeed(*colours, "-o", stored)
    by_result = document(worse, *colours[1:], "--reference", stored)
    by_model = document(worse, *colours[1:], "--reference", colours[0])
    for first, second in zip(by_result["modalities"], by_model["modalities"]):
        assert first["reference"]["comparison"] == second["reference"]["comparison"]
        assert first["reference"]["comparison"]["only_reference"] > 0
        assert first["reference"]["cosine"] is None and second["reference"]["cosine"] is not None
    valid(by_result, tmp_path)
    part = document(worse, *colours[1:], "--reference", stored, "--limit", 6, "--seed", 4)
    assert part["modalities"][0]["reference"]["comparison"]["images"] == 6


def test_the_same_seed_gives_the_same_result(colours):
    runs = [document(*colours, "--limit", 7, "--seed", seed) for seed in (2, 2, 3)]
    assert runs[0]["scenes"] == runs[1]["scenes"] != runs[2]["scenes"]
    assert runs[0]["modalities"] == runs[1]["modalities"]
    counts = [runs[0]["labels"].count(k) for k in range(3)]
    assert sorted(counts) == [2, 2, 3]


def test_a_classifier_needs_no_text(tmp_path, colours):
    order = tmp_path / "order.txt"
    order.write_text("red\ngreen\nblue\n")
    result = document(colours[0], "--data", colours[2], "--classes", order)
    assert result["scores"] == "output" and result["modalities"][0]["top1"]["hits"] == 18
    assert result["modalities"][0]["numbers"]["clip_score"] is None
    order.write_text("red\ngreen\nblue\nblack\n")
    assert "3 scores for 4 classes" in refused(2, colours[0], "--data", colours[2], "--classes",
                                               order)


def test_only_fidelity(tmp_path, colours):
    result = valid(document(colours[0], "--data", colours[2], "--reference", colours[0]), tmp_path)
    rgb = result["modalities"][0]
    assert rgb["top1"] is None and rgb["reference"]["cosine"]["median"] == pytest.approx(1)
    assert "nothing to compare" in refused(2, colours[0], "--data", colours[2])


def test_manifest(tmp_path, colours):
    listing = tmp_path / "set/list.csv"
    listing.write_text("class,rgb\nred,rgb/red/000.png\nblue,rgb/green/001.png\n")
    rgb = document(*colours[:2], listing, *colours[3:])["modalities"][0]
    assert rgb["top1"]["hits"] == 1 and rgb["confusion"] == [[0, 1, 1]]
    listing.write_text("class,rgb\nred,rgb/red/missing.png\n")
    assert "missing.png" in refused(4, *colours[:2], listing, *colours[3:])


# ---- bad input

def damage(path):
    content = path.read_bytes()
    path.write_bytes(content[:len(content) // 2])


def test_damaged_images(tmp_path, colours):
    damage(colours[2] / "rgb/red/003.png")
    assert "red/003.png" in refused(3, *colours) and "--skip-damaged" in refused(3, *colours)
    result = valid(document(*colours, "--skip-damaged"), tmp_path)
    assert result["data"]["damaged"] == 1 and "003.png" in result["data"]["damages"][0]
    assert result["modalities"][0]["top1"]["images"] == 17
    for path in (colours[2] / "rgb").rglob("*.png"):
        damage(path)
    refused(3, *colours, "--skip-damaged")


def test_a_truncated_jpeg_is_damaged(tmp_path, colours):
    from PIL import Image
    path = colours[2] / "rgb/red/900.jpg"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)).save(path)
    succeed(*colours)
    damage(path)
    assert "900.jpg is damaged" in refused(3, *colours)


def test_wrong_arrays(colours):
    data.save_array(colours[2] / "rgb/red/900.npy", np.zeros((4, 4), np.float32))
    assert "an image of the input 'image' is f32" in refused(3, *colours)
    data.save_array(colours[2] / "rgb/red/900.npy", np.array([object()], object))
    refused(3, *colours)


def test_duplicate_and_misaligned_names(tmp_path, colours):
    shutil.copy(colours[2] / "rgb/red/003.png", colours[2] / "rgb/red/003.jpg")
    assert "are the same scene" in refused(3, *colours)
    (colours[2] / "rgb/red/003.jpg").unlink()
    data.save_image(colours[2] / "ir/red/777.png", np.zeros((4, 4), np.uint8))
    assert "no scene with an image of every modality" in refused(3, *colours)
    assert len(document(*colours, "--modalities", "rgb")["scenes"]) == 18


def test_hostile_names(tmp_path, colours):
    shutil.move(colours[2] / "rgb/red", colours[2] / "rgb" / HOSTILE)
    done = harness.nitro_eval(*colours)
    assert done.returncode == 2 and b"\x1b" not in done.stderr and b"\\x1b" in done.stderr
    os.rename(colours[2] / "rgb" / HOSTILE, colours[2] / "rgb/red")
    for path in (colours[2] / "rgb/red").iterdir():
        path.rename(path.with_name(HOSTILE + path.name))
    done = harness.nitro_eval(*colours)
    assert done.returncode == 0 and b"\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("classes, rows, code", [
    ("blue\ngreen\n", 3, 3), ("blue\ngreen\ngreen\n", 3, 3), ("blue\n\nred\n", 3, 3), ("", 3, 3),
    ("blue\ngreen\nrad\n", 3, 2),
])
def test_wrong_classes(tmp_path, colours, classes, rows, code):
    (tmp_path / "classes.txt").write_text(classes)
    refused(code, *colours)


@pytest.mark.parametrize("rows", [
    np.zeros((3, 3), np.float32), np.full((3, 3), np.nan, np.float32), np.ones((3, 3), np.int64),
    np.ones(3, np.float32), np.ones((4, 3), np.float32), np.ones((3, 0), np.float32),
])
def test_wrong_text(tmp_path, colours, rows):
    np.save(tmp_path / "text.npy", rows)
    refused(3, *colours)


def test_text_of_another_size(tmp_path, colours):
    np.save(tmp_path / "text.npy", np.ones((3, 4), np.float32))
    assert "rows of 4 values" in refused(2, *colours)


def test_usage(tmp_path, colours):
    assert "--data is missing" in refused(2, colours[0])
    assert "--text needs --classes" in refused(2, *colours[:5])
    assert "no modality 'ir'" in refused(2, *colours, "--modalities", "ir")
    (tmp_path / "r.json").write_text('{"schema_version": 1, "kind": "profile"}')
    assert "no result of nitro eval" in refused(3, *colours, "--reference", tmp_path / "r.json")
    (tmp_path / "mine.json").write_text("mine")
    refused(2, *colours, "-o", tmp_path / "mine.json")


# ---- Ctrl-C

def test_an_interrupt_leaves_a_fair_part(tmp_path, colours):
    data.colour_folder(tmp_path / "set", count=400)
    output = tmp_path / "part.json"
    words = [*colours, "--runner", "reference", "-o", output]
    process = subprocess.Popen([NITRO, "eval", *map(str, words)], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE,
                               env=dict(os.environ, NITRO_PYTHON=sys.executable))
    for line in process.stderr:
        if b"of 1200 scenes" in line or b"embedding 1200" in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 130
    if output.exists():  # not where the first scene was not done yet
        result = valid(json.loads(output.read_text()), tmp_path)
        labels = result["labels"]
        counts = [labels.count(k) for k in range(3)]
        assert result["interrupted"] and max(counts) - min(counts) <= 1
