"""The metrics of Nitro and those of TorchMetrics are the same, on random and on awkward embeddings."""

import json
import subprocess
import sys

import eval_harness as harness
import eval_data as data
import numpy as np
import pytest

pytest.importorskip("torchmetrics")

CASES = {
    "random": lambda rng, rows: rows,
    "ties": lambda rng, rows: np.sign(rows).astype(np.float32),
    "all equal": lambda rng, rows: np.ones_like(rows),
    "zeros": lambda rng, rows: rows * (rng.random((len(rows), 1)) < 0.7),
    "all zero": lambda rng, rows: rows * 0,
    "not finite": lambda rng, rows: np.where(rng.random(rows.shape) < 0.02,
                                             rng.choice([np.nan, np.inf, -np.inf], rows.shape),
                                             rows),
    "huge and tiny": lambda rng, rows: rows * 10.0 ** rng.integers(-30, 30, (len(rows), 1)),
    "opposite": lambda rng, rows: -np.abs(rows),
}


def evaluate(folder, modalities, labels, text, more=()):
    """The document of a model that gives the rows of `modalities` (name -> [images, dim]), checked
    against TorchMetrics by Nitro itself."""
    for name, images in modalities.items():
        for i, (row, label) in enumerate(zip(images, labels)):
            data.save_array(folder / "set" / name / f"class{label}" / f"{i:04}.npy",
                            row.astype(np.float32)[None])
    (folder / "classes.txt").write_text("".join(f"class{k}\n" for k in range(len(text))))
    np.save(folder / "text.npy", text)
    model = data.identity_model(folder / "m.onnx", text.shape[1])
    return harness.document(model, "--data", folder / "set", "--text", folder / "text.npy",
                            "--classes", folder / "classes.txt", "--reference", model,
                            "--metrics", "torchmetrics", *more)


@pytest.mark.parametrize("classes", [1, 3, 7])
def test_both_are_equal(tmp_path, classes):
    seed = 10 + classes
    rng = np.random.default_rng(seed)
    modalities = {name: case(rng, rng.standard_normal((40, 6), dtype=np.float32))
                  for name, case in CASES.items()}
    text = rng.choice([-1, 1], (classes, 6)).astype(np.float32)  # which makes ties
    # The last class has no images where there are several.
    labels = rng.integers(0, max(1, classes - 1), 40)
    result = evaluate(tmp_path, modalities, labels, text)
    assert result["checked_by"].startswith("torchmetrics"), f"seed {seed}"
    by_name = {row["modality"]: row for row in harness.valid(result, tmp_path)["modalities"]}
    assert by_name["all zero"]["without_direction"] == 40
    assert 0 < by_name["not finite"]["without_direction"] < 40


def test_another_label_gives_other_numbers(tmp_path):
    rng = np.random.default_rng(1)
    folder = tmp_path / "embeddings"
    evaluate(tmp_path, {"rgb": rng.standard_normal((12, 4))}, np.arange(12) % 3,
             rng.standard_normal((3, 4)).astype(np.float32), more=["--embeddings", folder])
    before = run(folder)["modalities"][0]["numbers"]
    labels = np.load(folder / "labels.npy")
    np.save(folder / "labels.npy", (labels + 1) % 3)
    assert run(folder)["modalities"][0]["numbers"] != before


def run(folder):
    done = subprocess.run([sys.executable, "-m", "nitro.metrics", folder], capture_output=True,
                          env={"PYTHONPATH": str(harness.ROOT / "python")}, check=False)
    return json.loads(done.stdout)


def test_a_folder_of_something_else(tmp_path):
    assert "no folder of nitro eval" in run(tmp_path)["error"]["message"]
    (tmp_path / "embeddings.json").write_text('{"labels": 3}')
    assert "no folder of nitro eval" in run(tmp_path)["error"]["message"]
