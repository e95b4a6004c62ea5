"""`nitro zoo synth-rgbd` as people use it. Run with pytest, as cli_test.py."""

import json
import signal

import pytest
from cli_test import document, nitro, succeed
from interrupt_test import Started

np = pytest.importorskip("numpy")
Image = pytest.importorskip("PIL.Image")


def test_writes_aligned_pictures(tmp_path):
    folder = tmp_path / "scenes"
    text = succeed("zoo", "synth-rgbd", "-o", folder, "--count", 21, "--size", 48, "--split", "val")
    assert "21 of 21 samples" in text
    classes = (folder / "classes.txt").read_text().split()
    assert len(classes) == 20 and classes == sorted(classes)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["count"], manifest["split"], manifest["complete"]) == (21, "val", True)
    assert manifest["classes"][classes[0]] == 2
    for modality, mode in (("rgb", "RGB"), ("depth", "I;16"), ("ir", "L")):
        files = sorted(folder.glob(f"{modality}/*/*.png"))
        assert [path.relative_to(folder / modality) for path in files] == [
            path.relative_to(folder / "rgb") for path in sorted(folder.glob("rgb/*/*.png"))]
        assert len(files) == 21
        for path in files:
            picture = Image.open(path)
            assert (picture.mode, picture.size) == (mode, (48, 48)), path
            assert np.asarray(picture).std() > 2, path
    depths = np.stack([np.asarray(Image.open(path)) for path in folder.glob("depth/*/*.png")])
    assert 0.001 < (depths == 0).mean() < 0.4
    assert 100 < np.percentile(depths[depths > 0], 5) < np.percentile(depths, 95) < 12000


def test_says_what_was_made_and_continues(tmp_path):
    words = ["zoo", "synth-rgbd", "-o", tmp_path / "scenes", "--size", 16, "--threads", 2]
    first = document(*words, "--count", 4)
    assert (first["samples"], first["made"], first["classes"]) == (4, 4, 20)
    assert document(*words, "--count", 6)["made"] == 2


@pytest.mark.parametrize("words", [
    [], ["-o", "x", "--count", "0"], ["-o", "x", "--size", "8"], ["-o", "x", "--size", "4096"],
    ["-o", "x", "--split", "all"], ["-o", "x", "--seed", "-1"], ["-o", "x", "--threads", "0"]])
def test_refuses(words, tmp_path):
    done = nitro("zoo", "synth-rgbd", *words, cwd=tmp_path)
    assert done.returncode in (2, 3) and done.stderr
    assert not list(tmp_path.iterdir())


def test_interrupt_leaves_whole_samples(tmp_path):
    folder = tmp_path / "scenes"
    words = ["zoo", "synth-rgbd", "-o", folder, "--size", 32]
    started = Started(tmp_path, *words, "--count", 1000000)
    started.wait_for("samples")
    code, out, _ = started.end(signal.SIGINT)
    assert code == 130 and "of 1000000 samples" in out
    assert not json.loads((folder / "manifest.json").read_text())["complete"]
    names = [{path.name for path in folder.glob(f"{modality}/*/*")} for modality in ("rgb", "depth", "ir")]
    assert names[0] == names[1] == names[2] and names[0]
    assert not [name for name in names[0] if not name.endswith(".png")]
    for path in folder.glob("*/*/*.png"):
        Image.open(path).load()
