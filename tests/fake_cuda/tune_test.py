"""nitro tune with a driver that has no GPU: the search, and the file whose tiles later runs take.

Run with pytest, as fake_cuda_test.py. By default all kernels take the same time there, so that
nothing is faster; with FAKE_BLOCK_NS those of many blocks take longer, and other tiles than those
of the rules win.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess

import pytest
from fake_cuda_test import NITRO, gpu, models, nitro  # noqa: F401: a fixture

SLOW_BLOCKS = {"FAKE_BLOCK_NS": "100"}


@pytest.fixture
def own(gpu):  # noqa: F811
    """The driver, with its cache of binaries and without a tuning."""
    place = pathlib.Path(gpu["XDG_CACHE_HOME"], "nitro/tuning")
    yield gpu
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


@pytest.fixture
def model(tmp_path):
    return models.products_model(tmp_path / "products.onnx")


def kept(own):
    """The file of the tuning, of which there is one and nothing beside it."""
    file, = pathlib.Path(own["XDG_CACHE_HOME"], "nitro/tuning").iterdir()
    content = json.loads(file.read_text())
    assert content["schema"] == 1
    return file, content["tiles"]


def tune(own, *words):
    done = nitro("tune", *words, env=own)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_where_nothing_is_faster_nothing_is_kept(own, model):
    text = tune(own, model)
    file, tiles = kept(own)
    assert tiles == [] and str(file) in text and "Fake GPU" in text
    assert "2 different products" in text
    assert "nothing: no tile made the whole run faster" in text and "1.000x" in text


def test_faster_tiles_are_kept_and_used(own, model):
    slow = {**own, **SLOW_BLOCKS}
    def run_ns():
        words = ("--repetitions", 1, "--profile-iterations", 2, "--json")
        done = nitro("profile", model, "--runner", "cuda", *words, env=slow)
        profile = json.loads(done.stdout)["baseline"]["profile"]
        return sum(layer["alone_ns"] for layer in profile["layers"])
    before = run_ns()
    found = json.loads(tune(slow, model, "--json"))
    file, tiles = kept(own)
    assert found["file"] == str(file)
    assert found["device"] == "Fake GPU" and found["model"] == "products"
    assert found["after_ns"] < found["before_ns"] == pytest.approx(before, rel=0.01)
    assert found["tuning"]["tiles"] == tiles and found["kept"] == len(tiles) > 0
    assert found["tried"] > found["products"] == found["tried_products"] == 2
    assert found["failed"] == 0 and found["interrupted"] is False
    assert run_ns() == pytest.approx(found["after_ns"], rel=0.01)


def test_another_model_adds_to_what_is_kept(own, model, tmp_path):
    slow = {**own, **SLOW_BLOCKS}
    tune(slow, model)
    _, first = kept(own)
    text = tune(slow, models.products_model(tmp_path / "other.onnx", rows=197))
    _, both = kept(own)
    assert len(both) > len(first) and all(tile in both for tile in first)
    assert f"{len(both)} tiles with those of earlier searches" in text


@pytest.mark.parametrize("words, device", [([], "53"), (["--precision", "f32"], "90")])
def test_without_a_choice_it_says_so(own, model, words, device):
    text = tune({**own, "FAKE_CAPABILITY": device}, model, *words)
    assert "nothing to try" in text and kept(own)[1] == []


DAMAGED = [b"", b"{", b"\x00\xff" * 100, b'{"schema": 1, "tiles": [{}]}',
           b'{"schema": 9, "tiles": []}', b"[" * 100000]


def test_a_damaged_file_stops_nothing(own, model):
    tune(own, model)
    file, _ = kept(own)
    for content in DAMAGED:
        file.write_bytes(content)
        done = nitro("run", model, "--runner", "cuda", "--json", env=own)
        assert done.returncode == 0, done.stderr.decode()
    tune({**own, **SLOW_BLOCKS}, model)
    assert kept(own)[1], "it is replaced"


def test_foreign_tiles_in_the_file_are_ignored(own, model):
    tune({**own, **SLOW_BLOCKS}, model)
    file, tiles = kept(own)
    for tile in tiles:
        tile["tile"].update(m=2 ** 31, n=7, segment=5, stages=10 ** 6, warps_k=10 ** 6)
    file.write_text(json.dumps({"schema": 1, "tiles": tiles}))
    done = nitro("run", model, "--runner", "cuda", "--json", env=own)
    assert done.returncode == 0, done.stderr.decode()


def test_a_folder_that_cannot_be_written_is_found_before_the_search(own, model):
    folder = pathlib.Path(own["XDG_CACHE_HOME"], "nitro")
    folder.mkdir(exist_ok=True)
    (folder / "tuning").write_text("in the way")
    done = nitro("tune", model, env=own)
    assert done.returncode == 4 and b"the tuning cannot be kept" in done.stderr
    assert b"trying" not in done.stderr and done.stdout == b""
    assert nitro("run", model, "--runner", "cuda", env=own).returncode == 0


@pytest.mark.parametrize("as_json", [False, True])
def test_without_a_gpu_it_exits_4_with_a_remedy(model, tmp_path, as_json):
    cache = tmp_path / "cache"
    done = nitro("tune", model, *["--json"] * as_json,
                 env={"LD_LIBRARY_PATH": "", "XDG_CACHE_HOME": str(cache)})
    if done.returncode == 0:
        pytest.skip("there is a GPU")
    assert done.returncode == 4 and b"hint: " in done.stderr
    if as_json:
        error = json.loads(done.stdout)["error"]
        assert error["code"] == "environment" and error["hint"]
    assert not cache.exists()


def test_errors_of_the_command_line_and_the_file(own, tmp_path):
    assert nitro("tune", env=own).returncode == 2
    assert nitro("tune", tmp_path / "none.onnx", env=own).returncode == 4
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    assert nitro("tune", tmp_path / "bad.onnx", env=own).returncode == 3
    assert nitro("tune", "m.onnx", "--precision", "f8", env=own).returncode == 2


def test_an_interrupt_leaves_a_valid_file_and_says_what_is_left(own, model):
    # Runs so long that the search cannot end before the signal comes.
    environment = {**os.environ, **own, "FAKE_BLOCK_NS": "200000"}
    process = subprocess.Popen([NITRO, "tune", model, "--json"], env=environment,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for line in process.stderr:
        if b"product 1 of 2" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    found = json.loads(out)
    assert found["interrupted"] is True
    assert kept(own)[1] == found["tuning"]["tiles"]
    assert found["tried_products"] == 1 < found["products"]
