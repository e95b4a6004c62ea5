"""`nitro optimize` with images to judge by, end to end. Run with pytest, as cli_test.py."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from cli_test import NITRO, ROOT, needs_ort, nitro, succeed
from damaging_python import damaging_python

pytest.importorskip("PIL")
sys.path.insert(0, str(ROOT / "tests/eval"))
import eval_data as data  # noqa: E402

pytestmark = needs_ort
QUICK = ["--threads", 2, "--repetitions", 2, "--no-ablation"]


def read_result(folder):
    path, = folder.glob("*.result.json")
    done = subprocess.run([sys.executable, ROOT / "tests/validate_result.py", path],
                          capture_output=True, check=False)
    assert done.returncode in (0, 77), done.stderr.decode()
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """48 scenes, and the demo student judged on them in two modalities."""
    folder = tmp_path_factory.mktemp("scenes") / "test"
    subprocess.run([NITRO, "zoo", "synth-rgbd", "-o", folder, "--count", "48", "--split", "test"],
                   check=True, capture_output=True)
    demo = ROOT / "training/demo"
    return ["--data", folder, "--text", demo / "text.npy", "--classes", demo / "classes.txt"]


STUDENT = ["optimize", "zoo:edgevl-swin-nano", "--modalities", "rgb,depth", *QUICK]


def test_an_exact_recipe_answers_as_before(tmp_path, scenes):
    page = tmp_path / "page.html"
    text = succeed(*STUDENT, *scenes, "--max-drop", 0.5, "--min-cosine", 0.9999, "-o", tmp_path,
                   "--report", page)
    assert "ACCURACY" in text and "Top-1 of 48 scenes" in text
    result = read_result(tmp_path)
    accuracy = result["accuracy"]
    assert [item["modality"] for item in accuracy["modalities"]] == ["rgb", "depth"]
    assert accuracy["data"]["evaluated"] == 48 and len(accuracy["limits"]) == 4
    for item in accuracy["modalities"]:
        against = item["optimized"]["reference"]
        assert against["agreement"] == 1 and against["cosine"]["least"] > 0.9999
        assert item["baseline"]["top1"] == item["optimized"]["top1"]
        assert item["baseline"]["top1"]["hits"] > 12  # of 48 in 20 classes
    assert accuracy["examples"] == []
    assert "one call" not in result["workload"]["description"]
    assert 'id="accuracy"' in page.read_text()


def test_the_rewritten_model_is_what_eval_says(tmp_path, scenes):
    """The same numbers as `nitro eval` of the files, one call a modality against one for both."""
    succeed(*STUDENT, *scenes, "--grey", "depth", "-o", tmp_path)
    accuracy = read_result(tmp_path)["accuracy"]
    done = nitro("eval", tmp_path / "edgevl-swin-nano.opt.onnx", *scenes, "--modalities",
                 "rgb,depth", "--reference", "zoo:edgevl-swin-nano", "--json")
    assert done.returncode == 0, done.stderr.decode()
    evaluated = json.loads(done.stdout)
    assert evaluated["scenes"] == accuracy["scenes"]
    for mine, theirs in zip(accuracy["modalities"], evaluated["modalities"]):
        assert mine["optimized"]["decided"] == theirs["decided"]
        assert mine["optimized"]["reference"]["comparison"] == theirs["reference"]["comparison"]


def test_a_damaged_model_is_found_out(tmp_path, scenes):
    python = damaging_python(tmp_path / "python", noise=0.6)
    page = tmp_path / "page.html"
    done = nitro(*STUDENT, *scenes, "--max-drop", 2, "--min-accuracy", "depth=0.3", "-o", tmp_path,
                 "--report", page, env={"NITRO_PYTHON": str(python)})
    assert done.returncode == 1, done.stderr.decode()
    result = read_result(tmp_path)
    rgb, depth = result["accuracy"]["modalities"]
    drop = {item["modality"]: -item["optimized"]["reference"]["comparison"]["difference"]
            for item in (rgb, depth)}
    assert min(drop.values()) > 0.1
    worst = f"rgb: top-1 fell by {100 * drop['rgb']:.1f} points, more than the 2 of --max-drop"
    assert worst in done.stderr.decode()
    assert depth["optimized"]["reference"]["comparison"]["verdict"] == "worse"
    assert "worse" in done.stdout.decode()
    examples = result["accuracy"]["examples"]
    assert len(examples) == 12 and {item["modality"] for item in examples} == {"rgb", "depth"}
    for item in examples:
        assert item["baseline"] != item["optimized"]
        assert 500 < len(item["image"]) < 40_000
    html = page.read_text()
    assert html.count("<img src=\"data:image/png") == 12 and "✗ missed" in html
    assert len(html) < 2_000_000


# ---- on a small model, quickly

@pytest.fixture
def colours(tmp_path):
    model = data.mean_colour_model(tmp_path / "m.onnx")
    folder = data.colour_folder(tmp_path / "set")
    return ["optimize", model, "--data", folder, *QUICK, "-o", tmp_path / "out"]


def test_a_limit_is_missed_and_results_are_written(tmp_path, colours):
    text = data.colour_text(tmp_path)
    done = nitro(*colours, *text, "--min-accuracy", "rgb=1", "--min-cosine", 0.99)
    assert done.returncode == 0, done.stderr.decode()
    done = nitro(*colours, *text, "--min-cosine", 1.5)
    assert done.returncode == 1
    assert "check failed: rgb: the mean cosine to the original is 1.0000, below the 1.5" in (
        done.stderr.decode())
    assert read_result(tmp_path / "out")["accuracy"]["limits"][0]["held"] is False


def test_without_classes_only_cosines_are_told(tmp_path, colours):
    succeed(*colours)
    rgb, = read_result(tmp_path / "out")["accuracy"]["modalities"]
    assert rgb["optimized"]["top1"] is None and rgb["baseline"]["confusion"] is None
    assert rgb["optimized"]["reference"]["cosine"]["mean"] == pytest.approx(1)
    done = nitro(*colours, "--max-drop", 1)
    assert done.returncode == 2 and b"--max-drop and --min-accuracy need" in done.stderr


def test_arrays_have_no_pictures(tmp_path):
    """Answers change because the runner damages weights; inputs of a model are no pictures."""
    rng = np.random.default_rng(2)
    matrix = np.eye(4, dtype=np.float32)
    model = data.model(tmp_path / "m.onnx", [data.helper.make_node("MatMul", ["x", "w"], ["y"])],
                       [("x", [1, 4])], [("y", [1, 4])], [("w", matrix)])
    for i in range(40):
        data.save_array(tmp_path / f"set/rgb/{i % 4}/{i}.npy",
                        (np.eye(4)[i % 4] + rng.standard_normal(4)).astype(np.float32))
    order = tmp_path / "classes.txt"
    order.write_text("0\n1\n2\n3\n")
    done = nitro("optimize", model, "--data", tmp_path / "set", "--classes", order, *QUICK, "-o",
                 tmp_path / "out",
                 env={"NITRO_PYTHON": str(damaging_python(tmp_path / "python", noise=2))})
    assert done.returncode == 1 and b"the outputs differ" in done.stderr, done.stderr.decode()
    examples = read_result(tmp_path / "out")["accuracy"]["examples"]
    assert examples and all(item["image"] is None for item in examples)


@pytest.mark.parametrize("words, message", [
    (["--max-drop", 1], "limits of accuracy need --data"),
    (["--text", "text.npy"], "--text and --classes need --data"),
    (["--min-accuracy", "58"], "a share of the images"),
    (["--min-accuracy", "rgb=x"], "a share of the images"),
    (["--max-drop", -1], "--max-drop"),
    (["--data", "none"], "none"),
])
def test_bad_usage(tmp_path, words, message):
    model = data.mean_colour_model(tmp_path / "m.onnx")
    done = nitro("optimize", model, *words, "-o", tmp_path / "out")
    assert done.returncode in (2, 3, 4), done.stderr.decode()
    assert message in done.stderr.decode()
    assert not list(pathlib.Path(tmp_path).glob("out/*.onnx"))


def test_a_modality_that_the_images_lack(tmp_path, colours):
    text = data.colour_text(tmp_path)
    done = nitro(*colours, *text, "--min-accuracy", "depth=0.5")
    assert done.returncode == 2 and b"no modality of --data" in done.stderr
    done = nitro(*colours, *text, "--modalities", "rgb,depth")
    assert done.returncode == 2 and b"depth" in done.stderr
