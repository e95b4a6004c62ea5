"""Images from files to batches, and texts."""

import json

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="trains with PyTorch")

import torch  # noqa: E402

from training import pack, text  # noqa: E402
from training.augmentation import change_values, random_crops  # noqa: E402
from training.config import Geometry, Photometry  # noqa: E402
from training.errors import TrainingError  # noqa: E402
from training.evaluation import wilson  # noqa: E402
from training.packed import PackedSet, channel_slices, read_packed, split  # noqa: E402
from training.preprocessing import normalised, read_image, resized  # noqa: E402

RANDOM = np.random.default_rng(7)


def save(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


@pytest.mark.parametrize("shape", ((100, 60), (64, 64), (480, 640), (224, 224), (1, 5)))
def test_resizes_as_opencv_does(shape):
    cv2 = pytest.importorskip("cv2", reason="compares with OpenCV")
    pixels = RANDOM.integers(0, 256, (*shape, 3), dtype=np.uint8)
    theirs = cv2.resize(pixels, (224, 224), interpolation=cv2.INTER_CUBIC)
    ours = resized(pixels, 224).transpose(1, 2, 0)
    assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_16_bits_are_stretched_over_the_image(tmp_path):
    save(tmp_path / "depth.png", np.array([[0, 500], [1000, 2000]], np.uint16))
    read = read_image(tmp_path / "depth.png", colour=False)
    assert read[..., 0].tolist() == [[0, 63], [127, 255]]
    save(tmp_path / "flat.png", np.full((2, 2), 900, np.uint16))
    assert read_image(tmp_path / "flat.png", colour=False).max() == 0


def test_one_channel_is_replicated_and_normalised():
    values = normalised(torch.tensor([0.0, 255.0]).reshape(1, 1, 1, 2))
    assert values.shape == (1, 3, 1, 2)
    torch.testing.assert_close(values[0, :, 0, 0], torch.tensor([-0.485 / 0.229, -0.456 / 0.224,
                                                                 -0.406 / 0.225]))
    torch.testing.assert_close(values[0, 2, 0, 1], torch.tensor((1 - 0.406) / 0.225))


def test_packs_what_is_there(tmp_path):
    rgb = RANDOM.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    save(tmp_path / "a" / "rgb" / "lake" / "1.jpg", rgb)
    save(tmp_path / "a" / "rgb" / "crop" / "1.png", rgb)
    save(tmp_path / "b" / "rgb" / "lake" / "2.png", rgb)
    save(tmp_path / "b" / "swir" / "lake" / "2.png", rgb[..., 0])
    (tmp_path / "b" / "manifest.json").write_text("{}")
    assert pack.main([str(tmp_path / "a"), str(tmp_path / "b"), "-o", str(tmp_path / "packed"),
                      "--size", "8", "--processes", "1"]) == 0
    packed = read_packed(tmp_path / "packed")
    assert packed.classes == ["crop", "lake"] and packed.names == ["1", "1", "2"]
    assert packed.labels.tolist() == [0, 1, 1]
    assert packed.present.tolist() == [[True, False], [True, False], [True, True]]
    assert packed.images.shape == (3, 4, 8, 8)
    assert (packed.images[2, 3] == rgb[..., 0]).all() and not packed.images[0, 3].any()
    assert (packed.images[2, :3] == rgb.transpose(2, 0, 1)).all()


def test_packs_nothing_by_halves(tmp_path, capsys):
    save(tmp_path / "in" / "rgb" / "lake" / "1.png", np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "in" / "rgb" / "lake" / "2.png").write_bytes(b"\x89PNG\r\n\x1a\n damaged")
    output = tmp_path / "packed"
    command = [str(tmp_path / "in"), "-o", str(output), "--size", "8", "--processes", "1"]
    assert pack.main(command) == 3
    assert "2.png" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert pack.main([*command, "--modalities", "thermal"]) == 3
    assert "no images of thermal" in capsys.readouterr().err
    assert pack.main([str(tmp_path / "nothing"), "-o", str(output)]) == 3
    output.mkdir()
    assert pack.main(command) == 3
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize("change", ({"version": 2}, {"labels": [0, 9]}, {"labels": [0]},
                                    {"present": [[1], [1]]}, {"modalities": ["rgb", "ir"]}))
def test_refuses_a_damaged_set(tmp_path, change):
    index = {"version": 1, "modalities": ["rgb"], "classes": ["a"], "names": ["1", "2"],
             "labels": [0, 0], "present": [[1], [1]]}
    np.save(tmp_path / "images.npy", np.zeros((2, 3, 8, 8), np.uint8))
    (tmp_path / "index.json").write_text(json.dumps(index))
    assert len(read_packed(tmp_path).labels) == 2
    if change == {"present": [[1], [1]]}:
        change = {"present": [[1, 1], [1, 1]]}
    (tmp_path / "index.json").write_text(json.dumps(index | change))
    with pytest.raises(TrainingError, match="no packed data set"):
        read_packed(tmp_path)


def test_splits_each_class_and_each_kind_of_sample():
    present = np.array([[True, number % 4 == 0] for number in range(400)])
    labels = np.repeat([0, 1], 200)
    packed = PackedSet(np.zeros((400, 4, 8, 8), np.uint8), channel_slices(["rgb", "swir"]), present,
                       labels, ["a", "b"], [""] * 400)
    parts = split(packed, 0.1, 0.2, 5)
    assert [len(part) for part in (parts.training, parts.validation, parts.test)] == [280, 40, 80]
    assert len(set(parts.training) | set(parts.validation) | set(parts.test)) == 400
    assert present[parts.test, 1].sum() == 20 and labels[parts.test].sum() == 40
    again = split(packed, 0.1, 0.2, 5)
    assert (parts.test == again.test).all()
    assert (parts.test != split(packed, 0.1, 0.2, 6).test).any()


def test_modalities_share_their_crop():
    torch.manual_seed(3)
    images = torch.randint(0, 256, (4, 1, 28, 28), dtype=torch.uint8).repeat(1, 5, 1, 1)
    crops = random_crops(images, Geometry())
    assert crops.shape == images.shape and crops.min() >= 0 and crops.max() <= 255
    assert crops.eq(crops[:, :1]).all()
    whole = random_crops(images, Geometry(scale=(1, 1), ratio=(1, 1), flip=0))
    torch.testing.assert_close(whole, images.float(), atol=0.02, rtol=0)
    flipped = random_crops(images, Geometry(scale=(1, 1), ratio=(1, 1), flip=1))
    torch.testing.assert_close(flipped, images.float().flip(3), atol=0.02, rtol=0)


def test_changes_of_values_stay_in_range():
    torch.manual_seed(3)
    images = torch.rand(8, 3, 56, 56) * 255
    assert change_values(images, Photometry()).equal(images)
    changed = change_values(images, Photometry(0.5, 0.5, 0.5, 8, 0.5))
    assert changed.min() == 0 and changed.max() <= 255
    assert 0.1 < changed.eq(0).all(1).float().mean() < 0.5, "holes"


def test_reads_texts_in_the_order_of_the_classes(tmp_path):
    np.save(tmp_path / "text.npy", np.array([[3, 0], [0, 2]], np.float32))
    (tmp_path / "classes.txt").write_text("b\na\n")
    assert text.read_text(tmp_path, ["a", "b"]).tolist() == [[0, 1], [1, 0]]
    with pytest.raises(TrainingError, match="lacks the class 'c'"):
        text.read_text(tmp_path, ["a", "c"])
    (tmp_path / "classes.txt").write_text("b\n")
    with pytest.raises(TrainingError, match="for 1 classes"):
        text.read_text(tmp_path, ["b"])
    with pytest.raises(TrainingError, match="has no text.npy"):
        text.read_text(tmp_path / "none", ["b"])


def test_the_interval_of_a_share():
    assert wilson(0, 0) == (0, 1)
    low, high = wilson(90, 100)
    assert low == pytest.approx(0.8256, abs=1e-4) and high == pytest.approx(0.9448, abs=1e-4)
    assert wilson(10, 10)[1] == pytest.approx(1)
