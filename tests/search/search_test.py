"""`nitro search`, end to end on a model of a few neurons: its result, its report, and its end by a kill."""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/eval"))
for package in ("numpy", "onnx", "PIL", "onnxruntime", "optuna"):
    pytest.importorskip(package)
import numpy as np  # noqa: E402
from onnx import helper  # noqa: E402

import eval_data as data  # noqa: E402

NITRO = os.environ.get("NITRO_BINARY", str(ROOT / "build/release/nitro"))
SPACE = """
[[step]]
recipe = "standard"
[[step]]
pass = "quantize-int8"
min_macs = "0"
method = ["mse", "minmax"]
[[step]]
pass = "sink-transposes"
"""


def search_words(folder):
    """A classifier of mean colours behind a layer, and images of three colours."""
    rng = np.random.default_rng(1)
    there = rng.standard_normal((3, 64)).astype(np.float32)
    nodes = [helper.make_node("ReduceMean", ["image"], ["mean"], axes=[2, 3], keepdims=0),
             helper.make_node("MatMul", ["mean", "there"], ["wide"]),
             helper.make_node("MatMul", ["wide", "back"], ["y"])]
    data.model(folder / "colours.onnx", nodes, [("image", [1, 3, 8, 8])], [("y", [1, 3])],
               [("there", there), ("back", np.linalg.pinv(there).astype(np.float32))])
    (folder / "space.toml").write_text(SPACE)
    return [folder / "colours.onnx", "--data", data.colour_folder(folder / "train"),
            "--test-data", data.colour_folder(folder / "test", seed=9), *data.colour_text(folder),
            "--space", folder / "space.toml", "--threads", 1, "--repetitions", 2, "--few", 6,
            "--calibration-scenes", 6]


@pytest.fixture(name="words", scope="module")
def arguments(tmp_path_factory):
    return search_words(tmp_path_factory.mktemp("search"))


def command(*words):
    return [NITRO, "search", *map(str, words)]


def environment():
    return dict(os.environ, NITRO_PYTHON=os.environ.get("NITRO_PYTHON", sys.executable), NO_COLOR="", TERM="xterm")


def run(*words):
    return subprocess.run(command(*words), capture_output=True, timeout=600, env=environment(), text=True)


def stored_trials(folder):
    with sqlite3.connect(folder / "colours.search.db") as db:
        return db.execute("select state, count(*) from trials group by state").fetchall()


def test_it_finds_explains_and_reports(words, tmp_path):
    done = run(*words, "--max-drop", 20, "--trials", 7, "-o", tmp_path, "--report", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())  # lines are wrapped
    assert "winner" in told and "the search itself took" in told
    path = tmp_path / "colours.result.json"
    valid = subprocess.run([sys.executable, ROOT / "tests/validate_result.py", path], capture_output=True, check=False)
    assert valid.returncode in (0, 77), valid.stderr.decode()
    search = json.loads(path.read_text())["search"]
    assert len({trial["recipe"] for trial in search["trials"]}) == 7
    assert search["scenes"] == {"few": 6, "all": 18, "judged_by_others": True}
    complete = [trial for trial in search["trials"] if trial["all_images"]]
    assert all(each["images"] == 18 for trial in complete for each in trial["modalities"])
    assert 'id="pareto"' in (tmp_path / "page.html").read_text()
    # The row of a trial is all that is needed to see what it was.
    with sqlite3.connect(tmp_path / "colours.search.db") as db:
        keys = {key for key, in db.execute("select distinct key from trial_user_attributes")}
    assert {"recipe", "seed", "nitro_version", "runner_version", "model_sha256", "data_sha256"} <= keys


def test_killed_it_goes_on(words, tmp_path):
    arguments_ = [*words, "--max-drop", 20, "--trials", 6, "-o", tmp_path, "--resume"]
    process = subprocess.Popen(command(*arguments_), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=environment(), start_new_session=True)
    while process.poll() is None:
        time.sleep(0.05)
        try:
            if dict(stored_trials(tmp_path)).get("COMPLETE", 0) >= 2:
                break
        except sqlite3.Error:
            continue  # not there yet
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = dict(stored_trials(tmp_path)).get("COMPLETE", 0)
    done = run(*arguments_)
    assert done.returncode == 0, done.stderr
    search = json.loads((tmp_path / "colours.result.json").read_text())["search"]
    assert before >= 2 and len({trial["recipe"] for trial in search["trials"]}) == 6
    measured = [trial["recipe"] for trial in search["trials"] if trial["same_as"] is None]
    assert len(measured) == len(set(measured)), "nothing is measured twice"
    again = run(*arguments_[:-1])
    assert again.returncode == 2 and "--resume" in again.stderr


@pytest.mark.parametrize("more, message", [
    ([], "an accuracy to keep"),
    (["--max-drop", "1", "--space", "nowhere.toml"], "nowhere.toml"),
    (["--max-drop", "1", "--trials", "0"], "--trials"),
    (["--max-drop", "1", "--sampler", "grid"], "tpe|nsga2"),
    (["--max-drop", "1", "--storage", "nowhere"], "storage"),
])
def test_what_cannot_be_done_is_refused(words, tmp_path, more, message):
    done = run(*(words if "--space" not in more else words[:9] + words[11:]), *more, "-o", tmp_path)
    assert done.returncode in (2, 3, 4), done.stderr
    assert message in done.stderr


def test_where_nothing_keeps_the_limit_it_says_what_came_nearest(words, tmp_path):
    done = run(*words, "--min-accuracy", 1, "--min-cosine", 1, "--max-memory", 0.000001, "--trials", 3, "-o", tmp_path)
    assert done.returncode == 1
    assert "none of" in done.stderr and "--resume" in done.stderr


def test_half_precision_gets_the_extremes_of_values(words, tmp_path):
    space = tmp_path / "space.toml"
    space.write_text('[[step]]\npass = "convert-f16"\nislands = ["scan", "none"]\n')
    others = [space if word == words[words.index("--space") + 1] else word for word in words]
    done = run(*others, "--max-drop", 20, "--trials", 3, "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    trials = json.loads((tmp_path / "colours.result.json").read_text())["search"]["trials"]
    halves = [trial["recipe"] for trial in trials if "convert-f16" in trial["recipe"]]
    assert len(halves) == 2 and any("scan" in recipe for recipe in halves)
    made, = (tmp_path / "colours.calibrations").iterdir()
    assert {name for name, *_ in json.loads(made.read_text())["extremes"]} == {"image", "mean", "wide", "y"}
