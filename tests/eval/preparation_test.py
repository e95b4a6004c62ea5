"""Images as `nitro eval` prepares them, against the same steps in NumPy and OpenCV; also EuroSAT's tiles,
where $NITRO_EUROSAT names an archive of pairs/MODALITY/CLASS/NAME."""

import os
import pathlib
import tarfile

import eval_harness as harness
import eval_data as data
import numpy as np
import pytest
from onnx import helper
from PIL import Image

cv2 = pytest.importorskip("cv2")

MEAN = np.array([0.485, 0.456, 0.406])
DEVIATION = np.array([0.229, 0.224, 0.225])
EUROSAT = pathlib.Path(os.environ.get("NITRO_EUROSAT", "missing"))


def expected(path, size):
    """EdgeVL's steps: 16 bits to 8 by their least and greatest, bicubic, / 255, mean and deviation."""
    pixels = np.asarray(Image.open(path))
    if pixels.dtype != np.uint8:
        low, high = int(pixels.min()), int(pixels.max())
        pixels = ((pixels.astype(np.float64) - low) / max(1, high - low) * 255).astype(np.uint8)
    pixels = cv2.resize(pixels, (size, size), interpolation=cv2.INTER_CUBIC)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    return ((pixels / 255 - MEAN) / DEVIATION).transpose(2, 0, 1)


def prepared(folder, size, tmp_path):
    """The tensors that reach a model, by scene, of each modality."""
    shape = [1, 3, size, size]
    model = data.model(tmp_path / "flat.onnx", [helper.make_node("Flatten", ["x"], ["y"])],
                       [("x", shape)], [("y", [1, 3 * size * size])])
    out = tmp_path / "embeddings"
    result = harness.document(model, "--data", folder, "--reference", model, "--embeddings", out)
    for i, modality in enumerate(result["data"]["modalities"]):
        rows = np.load(out / f"embeddings_{i}.npy")
        for scene, row in zip(result["scenes"], rows):
            yield modality, scene, row.reshape(shape[1:])


def check(folder, size, tmp_path):
    worst = 0
    count = 0
    for modality, scene, tensor in prepared(folder, size, tmp_path):
        path, = (folder / modality).glob(scene + ".*")
        steps = np.abs(tensor - expected(path, size)) * DEVIATION[:, None, None] * 255
        worst = max(worst, steps.max())
        count += 1
    assert count and worst < 1.001, worst


@pytest.mark.parametrize("size", [16, 33])
def test_sizes_modalities_and_formats(tmp_path, size):
    rng = np.random.default_rng(size)
    folder = tmp_path / "set"
    for i, (height, width) in enumerate([(8, 8), (33, 33), (64, 40), (7, 91), (1, 1)]):
        colour = rng.integers(0, 256, (height, width, 3), np.uint8)
        data.save_image(folder / "rgb/a" / f"{i}.png", colour)
        data.save_image(folder / "ir/a" / f"{i}.png", colour[..., 0])
        data.save_image(folder / "depth/a" / f"{i}.png",
                        rng.integers(400, 6000, (height, width)).astype(np.uint16))
    smooth = np.indices((60, 80)).sum(axis=0).astype(np.uint8)
    for name in ("rgb", "ir", "depth"):
        pixels = np.repeat(smooth[..., None], 3, axis=2) if name == "rgb" else smooth
        data.save_image(folder / name / "b" / "smooth.jpg", pixels)
    check(folder, size, tmp_path)


@pytest.mark.skipif(not EUROSAT.exists(), reason="EuroSAT's tiles are not here")
def test_tiles_of_eurosat(tmp_path):
    with tarfile.open(EUROSAT) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / "part"
    for path in sorted((tmp_path / "pairs").glob("*/*/*"))[::9]:
        target = folder / path.parent.parent.name / path.parent.name
        target.mkdir(parents=True, exist_ok=True)
        path.rename(target / path.name)
    for modality in ("rgb", "nir", "swir"):
        if (folder / modality).exists():
            alone = tmp_path / f"only-{modality}"
            alone.mkdir()
            (folder / modality).rename(alone / modality)
            check(alone, 48, tmp_path)
