"""Whole runs of training on a small set of shapes."""

import json
import os
import signal
import subprocess
import time

import pytest

pytest.importorskip("torch", reason="trains with PyTorch")
pytest.importorskip("safetensors", reason="reads checkpoints")

from safetensors.torch import load_file  # noqa: E402
from shape_run import CONFIG, SHORT, command, environment, log, train  # noqa: E402


@pytest.fixture(scope="module")
def whole(shapes, tmp_path_factory):
    """The output of a short run that nothing interrupted."""
    output = tmp_path_factory.mktemp("whole") / "out"
    done = train(shapes, output, SHORT)
    assert done.returncode == 0, done.stderr
    return output


def assert_same_run(output, whole):
    for name in ("teacher", "distil", "contrast", "student"):
        ours, theirs = (load_file(path / f"{name}.safetensors") for path in (output, whole))
        assert ours.keys() == theirs.keys()
        for key in ours:
            assert ours[key].equal(theirs[key]), f"{name}: {key}"
    assert (output / "result.json").read_text() == (whole / "result.json").read_text()
    assert [(entry["stage"], entry["step"]) for entry in log(output)] == [
        (entry["stage"], entry["step"]) for entry in log(whole)]


def test_learns(shapes, tmp_path):
    done = train(shapes, tmp_path / "out", CONFIG)
    assert done.returncode == 0, done.stderr
    entries = log(tmp_path / "out")
    for stage in ("teacher", "distil", "contrast"):
        losses = [entry["loss"] for entry in entries if entry["stage"] == stage and "loss" in entry]
        assert losses[-1] < losses[0], stage
    assert {"rgb", "depth", "ir"} == entries[-1]["accuracy"].keys()
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    for name in ("student", "student, products in 8 bits"):
        for modality in ("rgb", "depth", "ir"):
            score = result[name][modality]
            assert score["images"] == 40
            assert score["interval"][0] > 0.4, f"{name}, {modality}: {score}; chance is 0.25"
            assert score["interval"][0] <= score["accuracy"] <= score["interval"][1]


def test_the_same_seed_gives_the_same_run(shapes, tmp_path, whole):
    assert train(shapes, tmp_path / "out", SHORT).returncode == 0
    assert_same_run(tmp_path / "out", whole)


def test_goes_on_after_its_time_as_if_there_were_no_limit(shapes, tmp_path, whole):
    calls = 0
    while True:
        # No step at all is the hardest: a checkpoint of a stage that has not begun.
        done = train(shapes, tmp_path / "out", SHORT, "--time-limit", str(0.3 * calls))
        calls += 1
        assert done.returncode in (0, 75), done.stderr
        if done.returncode == 0:
            break
        assert "goes on from" in done.stderr
    assert calls > 2
    assert_same_run(tmp_path / "out", whole)


def test_a_kill_loses_at_most_the_last_interval(shapes, tmp_path, whole):
    output = tmp_path / "out"
    kept = output / "distil.checkpoint.safetensors"
    run = subprocess.Popen(command(shapes, output, SHORT), env=environment(),
                           stderr=subprocess.DEVNULL)
    while not kept.exists() and run.poll() is None:
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert run.returncode == -signal.SIGKILL, "it was over before it was killed"
    assert (output / "teacher.safetensors").exists()
    (output / "log.jsonl").open("a").write('{"stage": "dist')  # as a kill may leave it
    done = train(shapes, output, SHORT)
    assert done.returncode == 0, done.stderr
    assert "teacher: finished already" in done.stderr
    assert "distil: goes on from step 5" in done.stderr
    assert_same_run(output, whole)


def test_a_signal_ends_it_with_a_checkpoint(shapes, tmp_path):
    output = tmp_path / "out"
    run = subprocess.Popen(command(shapes, output, CONFIG), env=environment(),
                           stderr=subprocess.DEVNULL)
    while not (output / "log.jsonl").exists():
        time.sleep(0.01)
    run.terminate()
    assert run.wait() == 128 + signal.SIGTERM
    assert list(output.glob("*.checkpoint.safetensors"))
    assert not list(output.glob(".writing-*"))


@pytest.mark.parametrize(("change", "words"), (
    (("seed = 3", "seed = 4"), "another configuration"),
    (("seed = 3", "seed = "), "no TOML"),
    (('loss = "distil"', 'loss = "distill"'), "'stages.distil.loss' is 'distill', not distil or"),
    (("epochs = 2", "epoch = 2"), "'stages.teacher' has no 'epoch'"),
    (("rate = 1e-3", 'rate = "fast"'), "'stages.contrast.rate' is 'fast', not float"),
    (("depths = [1, 1]", "depths = [1, 1, 1]"), "'model.depths' needs one number"),
    (("width = 32", "width = 33"), "no multiple of 32"),
    (("size = 56\n", ""), "'model.depths' needs one number"),
    (("[0.6, 1.0]", "[0.6]"), "'geometry.scale' needs 2 values"),
    (('"depth", "ir"]', '"thermal"]'), "no modality 'thermal'"),
    (("validation = 0.1", "validation = 1.1"), "are shares"),
))
def test_says_what_is_wrong_with_a_configuration(shapes, tmp_path, whole, change, words):
    assert change[0] in SHORT
    output = whole if words == "another configuration" else tmp_path / "out"
    done = train(shapes, output, SHORT.replace(*change))
    assert done.returncode == 3, done.stderr
    assert words in done.stderr and "Traceback" not in done.stderr


def test_says_what_is_wrong_with_its_files(shapes, tmp_path):
    output = tmp_path / "out"
    output.mkdir()
    (output / "teacher.checkpoint.safetensors").write_bytes(b"\x80\x04cos\nsystem\n")
    done = train(shapes, output, SHORT)
    assert done.returncode == 3 and "is no checkpoint" in done.stderr, done.stderr
    (shapes / "broken").mkdir()
    for arguments in (("--data", str(shapes / "broken")), ("--test", str(tmp_path))):
        done = train(shapes, output, SHORT, *arguments)
        assert done.returncode == 3 and "is no packed data set" in done.stderr, done.stderr
