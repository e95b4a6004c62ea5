"""Real inputs for `profile` and `optimize`, end to end. Run with pytest, as cli_test.py."""

import json

import cli_models as models
import numpy as np
import pytest
from cli_test import ROOT, document, needs_ort, nitro, succeed

Image = pytest.importorskip("PIL.Image")
QUICK = ["--threads", 1, "--repetitions", 2]
BRIEF = [*QUICK, "--duration", 0, "--warmup", 0]


@pytest.fixture
def folder(tmp_path):
    """A model of one image, a colour photo, 16-bit depth and a tensor."""
    random = np.random.default_rng(3)
    models.image_model(tmp_path / "m.onnx")
    Image.fromarray(random.integers(0, 256, (9, 12, 3), dtype=np.uint8)).save(tmp_path / "photo.jpg")
    Image.fromarray((random.random((9, 12)) * 9000).astype(np.uint16)).save(tmp_path / "depth.png")
    np.save(tmp_path / "x.npy", random.normal(size=(1, 3, 8, 8)).astype(np.float32))
    np.save(tmp_path / "small.npy", np.zeros((1, 3, 8, 7), np.float32))
    np.save(tmp_path / "double.npy", np.zeros((1, 3, 8, 8)))
    (tmp_path / "text.png").write_text("no image")
    return tmp_path


def validated(result):
    schema = json.loads((ROOT / "docs/result.schema.json").read_text())
    pytest.importorskip("jsonschema").validate(result, schema)
    return result


@needs_ort
def test_optimize_proves_the_given_images_equal(folder):
    text = succeed("optimize", folder / "m.onnx", "--modalities", "rgb,depth", "--no-ablation",
                   *QUICK, "--input", f"rgb={folder}/photo.jpg", "--input",
                   f"depth={folder}/depth.png", "-o", folder, "--report", folder / "r.html")
    assert "given      rgb = photo.jpg, depth = depth.png\n" in text
    assert "calls of the original model" in " ".join(text.split()) and "…" not in text
    assert "random, natural, given inputs" in text
    result = validated(json.loads((folder / "m.result.json").read_text()))
    assert result["workload"]["given"] == {"rgb": "photo.jpg", "depth": "depth.png"}
    checks = [(c["runner"], c["output"]) for c in result["numerics"] if c["input"] == "given"]
    assert checks == [("ort", "out.rgb"), ("ort", "out.depth"), ("reference", "out.rgb"),
                      ("reference", "out.depth")]
    assert "<dt>rgb</dt><dd>photo.jpg</dd>" in (folder / "r.html").read_text()


@needs_ort
def test_inputs_that_are_not_given_stay_generated(folder):
    result = document("optimize", folder / "m.onnx", "--modalities", "rgb,depth", "--no-ablation",
                      *QUICK, "--input", f"depth={folder}/x.npy", "-o", folder)
    assert validated(result)["workload"]["given"] == {"depth": "x.npy"}
    assert {c["input"] for c in result["numerics"]} == {"random", "natural", "given"}
    plain = document("optimize", folder / "m.onnx", "--no-ablation", *QUICK, "-o", folder)
    assert validated(plain)["workload"]["given"] == {}
    assert {c["input"] for c in plain["numerics"]} == {"random", "natural"}


@pytest.mark.parametrize("source", ["photo.jpg", "depth.png", "x.npy"])
def test_profile_takes_what_run_takes(folder, source):
    result = document("profile", folder / "m.onnx", "--runner", "reference", *BRIEF, "--input",
                      folder / source)
    assert validated(result)["workload"]["given"] == {"image": source}


@needs_ort
def test_the_given_input_is_what_is_measured(tmp_path):
    """Zeros, whose output is constant: only the given comparison proves little."""
    path = models.image_model(tmp_path / "m.onnx")
    np.save(tmp_path / "zero.npy", np.zeros((1, 3, 8, 8), np.float32))
    text = succeed("optimize", path, "--no-ablation", *QUICK, "--input", f"{tmp_path}/zero.npy",
                   "-o", tmp_path)
    result = json.loads((tmp_path / "m.result.json").read_text())
    assert [c["input"] for c in result["numerics"] if c["mistrusted"]] == ["given", "given"]
    assert "2 of constant outputs, which prove little" in " ".join(text.split())


@pytest.mark.parametrize("verb", ["profile", "optimize"])
@pytest.mark.parametrize("modalities, source, code, words", [
    ("", "imag=x.npy", 2, "did you mean 'image'?"),
    ("rgb,depth", "image=x.npy", 2, "inputs: rgb, depth"),
    ("rgb,depth", "x.npy", 2, "does not say which input"),
    ("", "image=small.npy", 3, "small.npy is f32[1,3,8,7], the input is f32[1,3,8,8]"),
    ("", "image=double.npy", 3, "double.npy is f64[1,3,8,8]"),
    ("rgb,depth", "depth=text.png", 3, "text.png is neither PNG nor JPEG"),
    ("", "image=none.png", 4, "none.png"),
])
def test_inputs_that_do_not_fit_are_refused(folder, verb, modalities, source, code, words):
    more = ["--modalities", modalities] if modalities else []
    done = nitro(verb, "m.onnx", "--runner", "reference", *more, "--input", source, cwd=folder)
    assert done.returncode == code
    assert words in done.stderr.decode()
    assert not list(folder.glob("*.result.json"))


def test_an_input_given_twice_is_refused(folder):
    done = nitro("profile", "m.onnx", "--runner", "reference", "--input", "x.npy", "--input",
                 "image=x.npy", cwd=folder)
    assert done.returncode == 2 and b"given twice" in done.stderr


def test_colour_is_refused_where_one_channel_is_wanted(tmp_path, folder):
    path = models.patch_model(tmp_path / "grey.onnx", channels=1)
    refused = nitro("profile", path, "--runner", "reference", "--input", folder / "photo.jpg")
    assert refused.returncode == 2 and b"colour image" in refused.stderr
    taken = document("profile", path, "--runner", "reference", *BRIEF, "--input",
                     folder / "depth.png")
    assert taken["workload"]["given"] == {"image": "depth.png"}


def test_profile_on_the_reference_names_the_nodes_of_the_model(tmp_path):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    result = validated(document("profile", path, "--runner", "reference", *BRIEF))
    profile = result["baseline"]["profile"]
    assert [layer["name"] for layer in profile["layers"]] == ["div", "erf", "add", "mul", "halve"]
    assert all(layer["origins"] == [layer["name"]] for layer in profile["layers"])
    assert all(layer["time_ns"] > 0 for layer in profile["layers"])
    assert profile["attributed_share"] == 1
    assert result["runner"]["name"] == "reference" and result["runner"]["threads"] == 1


@needs_ort
def test_only_own_files_are_replaced_by_optimize_and_profile(tmp_path):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    words = ["optimize", path, "--no-ablation", *QUICK, "-o", tmp_path]
    for name in ("gelu.opt.onnx", "gelu.recipe.toml", "gelu.result.json"):
        (tmp_path / name).write_text("precious")
        done = nitro(*words)
        assert done.returncode == 2 and name.encode() in done.stderr and b"--force" in done.stderr
        assert (tmp_path / name).read_text() == "precious"
        (tmp_path / name).unlink()
        assert not list(tmp_path.glob("gelu.*[lt].*")), "nothing is written before it is checked"
    (tmp_path / "gelu.recipe.toml").write_text("precious")
    succeed(*words, "--force")
    succeed(*words)
    (tmp_path / "p.json").write_text("precious")
    done = nitro("profile", path, *BRIEF, "-o", tmp_path / "p.json")
    assert done.returncode == 2 and b"process 1" not in done.stderr


@needs_ort
def test_notes_of_the_ledger_are_whole_and_within_the_width(tmp_path):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    text = succeed("optimize", path, *QUICK, "--ablation-repetitions", 2, "-o", tmp_path)
    assert "found nothing to rewrite" in " ".join(text.split()) and "…" not in text
    assert max(map(len, text.splitlines())) <= 100
