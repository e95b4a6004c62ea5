"""Whole runs of training on a small set of shapes."""

import json
import signal
import time

import pytest

pytest.importorskip("torch", reason="trains with PyTorch")
pytest.importorskip("safetensors", reason="reads checkpoints")

from safetensors.torch import load_file  # noqa: E402
from shape_run import CONFIG, SHORT, log, start  # noqa: E402

from training.deadline import Deadline  # noqa: E402

STAGES = ("teacher", "distil", "contrast")


@pytest.fixture(scope="module")
def whole(shapes, tmp_path_factory):
    """The output of a short run that nothing interrupted, in a process of its own."""
    output = tmp_path_factory.mktemp("whole") / "out"
    assert start(shapes, output, SHORT).wait() == 0
    return output


def assert_same_run(output, whole):
    for name in (*STAGES, "student"):
        ours, theirs = (load_file(path / f"{name}.safetensors") for path in (output, whole))
        assert ours.keys() == theirs.keys()
        for key in ours:
            assert ours[key].equal(theirs[key]), f"{name}: {key}"
    assert (output / "result.json").read_text() == (whole / "result.json").read_text()
    assert [(entry["stage"], entry["step"]) for entry in log(output)] == [
        (entry["stage"], entry["step"]) for entry in log(whole)]


def test_learns(train, tmp_path):
    assert train(tmp_path / "out", CONFIG) == 0
    entries = log(tmp_path / "out")
    for stage in STAGES:
        losses = [entry["loss"] for entry in entries if entry["stage"] == stage and "loss" in entry]
        assert losses[-1] < losses[0], stage
    assert {"rgb", "depth", "ir"} == entries[-1]["accuracy"].keys()
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    for name in ("student", "student, products in 8 bits"):
        for modality in ("rgb", "depth", "ir"):
            score = result[name][modality]
            assert score["images"] == 40
            assert score["interval"][0] > 0.5, f"{name}, {modality}: {score}; chance is 0.25"
            assert score["interval"][0] <= score["accuracy"] <= score["interval"][1]


def test_triplets_and_chosen_samples_learn_too(train, tmp_path):
    config = CONFIG.replace('loss = "distil"', 'loss = "distil"\nconfident = 0.5')
    head, tail = config.split("[stages.contrast]")
    tail = tail.replace('"infonce"', '"triplet"').replace("epochs = 4", "epochs = 8")
    assert train(tmp_path / "out", head + "[stages.contrast]" + tail) == 0
    steps = {stage: max(entry["step"] for entry in log(tmp_path / "out")
                        if entry["stage"] == stage) for stage in STAGES}
    assert steps["distil"] == 8 * (44 // 12), "44 of 88 samples"
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert min(score["interval"][0] for score in result["student"].values()) > 0.25


def test_distils_the_mean_over_all_modalities(train, tmp_path):
    config = CONFIG.replace('loss = "distil"', 'loss = "affinity"\ntarget = "mean"')
    config = config.replace('modalities = ["rgb"]\n', "")
    assert train(tmp_path / "out", config) == 0
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert list(result["teacher"]) == ["rgb", "depth", "ir"]
    distilled = [entry["accuracy"] for entry in log(tmp_path / "out")
                 if entry["stage"] == "distil" and "accuracy" in entry][-1]
    assert min(score["interval"][0] for score in distilled.values()) > 0.25


def test_goes_on_after_each_stop_as_if_there_were_none(train, tmp_path, whole, monkeypatch):
    asked = 0

    def now_and_then(self):
        nonlocal asked
        asked += 1
        return asked % 4 == 0  # also before the first step of a stage
    monkeypatch.setattr(Deadline, "reached", now_and_then)
    codes = [train(tmp_path / "out", SHORT)]
    while codes[-1] == 75:
        codes.append(train(tmp_path / "out", SHORT))
    assert codes[-1] == 0 and len(codes) > 10
    assert_same_run(tmp_path / "out", whole)


def test_a_kill_loses_at_most_the_last_interval(shapes, train, tmp_path, whole, capsys):
    output = tmp_path / "out"
    run = start(shapes, output, SHORT)
    while not (output / "distil.checkpoint.safetensors").exists() and run.poll() is None:
        time.sleep(0.001)
    run.kill()
    assert run.wait() == -signal.SIGKILL, "it was over before it was killed"
    with (output / "log.jsonl").open("a") as file:
        file.write('{"stage": "dist')  # as a kill may leave it
    assert train(output, SHORT) == 0
    told = capsys.readouterr().err
    assert "teacher: finished already" in told
    assert "distil: goes on from step" in told or "distil: finished already" in told
    assert_same_run(output, whole)


def test_a_signal_ends_it_with_a_checkpoint(shapes, tmp_path):
    output = tmp_path / "out"
    run = start(shapes, output, CONFIG)
    while not (output / "log.jsonl").exists():
        time.sleep(0.01)
    run.terminate()
    assert run.wait() == 128 + signal.SIGTERM
    assert list(output.glob("*.checkpoint.safetensors"))
    assert not list(output.glob(".writing-*"))


@pytest.mark.parametrize(("change", "words"), (
    (("seed = 3", "seed = 4"), "another configuration"),
    (("seed = 3", "seed = "), "no TOML"),
    (('loss = "distil"', 'loss = "distill"'), "'stages.distil.loss' is 'distill', not affinity or"),
    (("epochs = 2", "epoch = 2"), "'stages.teacher' has no 'epoch'"),
    (("rate = 1e-3", 'rate = "fast"'), "'stages.contrast.rate' is 'fast', not float"),
    (("depths = [1, 1]", "depths = [1, 1, 1]"), "'model.depths' needs one number"),
    (("width = 32", "width = 33"), "no multiple of 32"),
    (("size = 56\n", ""), "'model.depths' needs one number"),
    (("[0.6, 1.0]", "[0.6]"), "'geometry.scale' needs 2 values"),
    (('"depth", "ir"]', '"thermal"]'), "no modality 'thermal'"),
    (("validation = 0.1", "validation = 1.1"), "are shares"),
    (("[teacher]", '[teacher]\nmodule = "no.such:teacher"'), "is not trained here"),
))
def test_says_what_is_wrong_with_a_configuration(train, tmp_path, whole, change, words, capsys):
    assert change[0] in SHORT
    output = whole if words == "another configuration" else tmp_path / "out"
    assert train(output, SHORT.replace(*change)) == 3
    assert words in capsys.readouterr().err


def test_says_what_is_wrong_with_its_files(train, tmp_path, capsys):
    output = tmp_path / "out"
    output.mkdir()
    (output / "teacher.checkpoint.safetensors").write_bytes(b"\x80\x04cos\nsystem\n")
    assert train(output, SHORT) == 3
    assert "is no checkpoint" in capsys.readouterr().err
    for option in ("--data", "--test"):
        assert train(output, SHORT, option, str(tmp_path)) == 3
        assert "is no packed data set" in capsys.readouterr().err


def test_a_teacher_of_the_users_own(train, tmp_path, monkeypatch):
    (tmp_path / "own_teacher.py").write_text(
        "import torch\n"
        "class Teacher(torch.nn.Module):\n"
        "    def forward(self, image):\n"
        "        return torch.ones(len(image), 384)\n")
    monkeypatch.syspath_prepend(tmp_path)
    config = SHORT.replace("[teacher]\nwidth = 64\ndepths = [1, 1]",
                           '[teacher]\nmodule = "own_teacher:Teacher"')
    head, tail = config.split("[stages.teacher]")
    assert train(tmp_path / "out", head + "[stages.distil]" + tail.split("[stages.distil]")[1]) == 0
    assert not (tmp_path / "out" / "teacher.safetensors").exists()


def test_without_a_teacher(train, tmp_path):
    head, tail = SHORT.split("[teacher]\nwidth = 64\ndepths = [1, 1]\n")
    tail, stages = tail.split("[stages.teacher]")
    config = head + tail + "[stages.contrast]" + stages.split("[stages.contrast]")[1]
    assert train(tmp_path / "out", config) == 0
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert list(result) == ["student", "student, products in 8 bits"]
