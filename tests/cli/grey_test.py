"""Modalities of one channel (--grey), end to end. Run with pytest, as cli_test.py."""

import json

import cli_models as models
import numpy as np
import onnx
import pytest
from PIL import Image as PIL_Image
from cli_test import ROOT, needs_ort, nitro, succeed

MEAN = np.array([0.485, 0.456, 0.406], np.float32).reshape(3, 1, 1)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32).reshape(3, 1, 1)
QUICK = ["--threads", 1, "--repetitions", 2]


def optimize(model, folder, modalities, grey, *more):
    succeed("optimize", model, "--modalities", modalities, "--grey", grey, "--no-ablation", *QUICK,
            "-o", folder, *more)
    result = json.loads((folder / "patches.result.json").read_text())
    schema = json.loads((ROOT / "docs/result.schema.json").read_text())
    pytest.importorskip("jsonschema").validate(result, schema)
    assert result["workload"]["grey"] == grey.split(",")
    return folder / "patches.opt.onnx"


def expect_each_modality(original, batch, modalities, grey):
    """The batch gives for each modality what the original gives for what EdgeVL feeds it."""
    import onnxruntime

    rng = np.random.default_rng(5)
    images, wanted = {}, {}
    single = onnxruntime.InferenceSession(original, providers=["CPUExecutionProvider"])
    for name in modalities:
        images[name] = rng.random((1, 1 if name in grey else 3, 8, 8), dtype=np.float32)
        fed = (images[name] - MEAN) / DEVIATION if name in grey else images[name]
        wanted[f"y.{name}"] = single.run(["y"], {"image": fed})[0]
    frame = onnxruntime.InferenceSession(str(batch), providers=["CPUExecutionProvider"])
    got = dict(zip(wanted, frame.run(list(wanted), images)))
    for name, value in wanted.items():
        np.testing.assert_allclose(got[name], value, rtol=1e-4, atol=1e-4)


@pytest.fixture
def model(tmp_path):
    return models.patch_model(tmp_path / "patches.onnx")


@needs_ort
@pytest.mark.parametrize("modalities, grey", [("rgb,depth", "depth"), ("rgb,depth,ir", "depth,ir"),
                                              ("depth,rgb,ir", "depth,ir")])
def test_a_grey_modality_gets_an_embedding_of_one_channel(tmp_path, model, modalities, grey):
    batch = optimize(model, tmp_path, modalities, grey)
    names = modalities.split(",")
    expect_each_modality(model, batch, names, grey.split(","))
    graph = onnx.load(batch).graph
    shapes = [[d.dim_value for d in value.type.tensor_type.shape.dim] for value in graph.input]
    assert shapes == [[1, 1 if name in grey.split(",") else 3, 8, 8] for name in names]
    assert not {"Expand", "Sub", "Div"} & {node.op_type for node in graph.node}
    kernels = {tuple(tensor.dims) for tensor in graph.initializer if len(tensor.dims) > 1}
    assert (1 * 2 * 2, 6) in kernels and (3 * 2 * 2, 6) in kernels


@needs_ort
def test_the_recipe_of_a_grey_modality_reproduces_the_model(tmp_path, model):
    batch = optimize(model, tmp_path, "rgb,depth", "depth", "--report", tmp_path / "page.html")
    again = tmp_path / "again.onnx"
    succeed("apply", model, "--recipe", tmp_path / "patches.recipe.toml", "-o", again)
    assert again.read_bytes() == batch.read_bytes()
    assert "depth as one channel" in (tmp_path / "page.html").read_text()


@needs_ort
def test_padding_keeps_the_preparation(tmp_path):
    model = models.patch_model(tmp_path / "patches.onnx", padding=1)
    batch = optimize(model, tmp_path, "rgb,depth", "depth")
    expect_each_modality(model, batch, ["rgb", "depth"], ["depth"])
    assert [node.op_type for node in onnx.load(batch).graph.node].count("Conv") == 1


@needs_ort
def test_profile_takes_grey_modalities(tmp_path, model):
    quick = ["--modalities", "rgb,depth", "--grey", "depth", "--duration", 0, "--warmup", 0, *QUICK,
             "--json"]
    batch = optimize(model, tmp_path, "rgb,depth", "depth")
    for profiled in (model, batch):
        found = json.loads(succeed("profile", profiled, *quick))
        assert found["workload"]["grey"] == ["depth"]


@needs_ort
def test_a_grey_image_goes_in_as_one_channel(tmp_path, model):
    cv2 = pytest.importorskip("cv2")
    depth = np.random.default_rng(3).integers(500, 9000, (24, 32)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / "depth16.png"), depth)
    optimize(model, tmp_path, "rgb,depth", "depth", "--input", f"depth={tmp_path}/depth16.png")
    result = json.loads((tmp_path / "patches.result.json").read_text())
    assert result["workload"]["given"] == {"depth": "depth16.png"}
    given = [check for check in result["numerics"] if check["input"] == "given"]
    assert len(given) == 4 and all(check["ok"] for check in given)


@pytest.mark.parametrize("verb", ["optimize", "profile"])
def test_grey_is_refused_where_it_means_nothing(tmp_path, model, verb):
    wide = models.patch_model(tmp_path / "wide.onnx", channels=4)
    for words in ([model, "--grey", "depth"],
                  [model, "--modalities", "depth", "--grey", "depth"],
                  [model, "--modalities", "rgb,depth", "--grey", "ir"],
                  [model, "--modalities", "rgb,depth", "--grey", "depth,"],
                  [wide, "--modalities", "rgb,depth", "--grey", "depth"]):
        done = nitro(verb, *words, cwd=tmp_path)
        assert done.returncode == 2 and b"--grey" in done.stderr, done.stderr


def test_raw_pixels_do_not_fit_a_grey_modality(tmp_path, model):
    image = tmp_path / "grey.png"
    PIL_Image.fromarray(np.zeros((8, 8), np.uint8)).save(image)
    done = nitro("profile", model, "--modalities", "rgb,depth", "--grey", "depth", "--pixels", "raw",
                 "--input", f"depth={image}", *QUICK)
    assert done.returncode == 2 and b"--pixels raw" in done.stderr, done.stderr
