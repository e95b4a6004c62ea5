"""TensorRT through trtexec, which tests/runners/fake_trtexec.py plays.

Run with pytest. NITRO_BINARY names the program; without it build/release/nitro is taken.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "cli")]
import cli_models as models  # noqa: E402
from cli_test import NITRO, nitro  # noqa: E402
import validate_result  # noqa: E402

FAKE = HERE / "fake_trtexec.py"
VERSIONS = ["8001", "8201", "8502", "101303"]


def make_trtexec(folder, **environment):
    """A program `trtexec` in `folder`; its log is beside it."""
    folder.mkdir(exist_ok=True)
    environment = {"FAKE_TRT_LOG": str(folder / "log"), **environment}
    (folder / "trtexec").write_text(
        "#!/bin/sh\n" + "".join(f"export {key}='{value}'\n" for key, value in environment.items()) +
        f"exec '{sys.executable}' '{FAKE}' \"$@\"\n")
    (folder / "trtexec").chmod(0o755)
    return folder / "trtexec"


def runs_of(folder):
    return (folder / "log").read_text().splitlines() if (folder / "log").exists() else []


@pytest.fixture
def board(tmp_path):
    """What runs nitro with a trtexec and a cache of its own."""
    class Board:
        folder = tmp_path / "bin"

        def __call__(self, *words, **environment):
            program = make_trtexec(self.folder, **environment)
            return nitro(*words, "--runner", "trtexec",
                         env={"NITRO_TRTEXEC": str(program), "XDG_CACHE_HOME": str(tmp_path / "cache")})

        def runs(self):
            return runs_of(self.folder)

    return Board()


@pytest.fixture
def model(tmp_path):
    return models.patch_model(tmp_path / "patch.onnx")


def ort_outputs(model, folder):
    done = nitro("run", model, "-o", folder, "--json")
    assert done.returncode == 0, done.stderr.decode()
    return np.load(folder / "output_0.npy")


@pytest.mark.parametrize("version", VERSIONS)
def test_run_gives_the_outputs(board, model, tmp_path, version):
    done = board("run", model, "-o", tmp_path / "out", FAKE_TRT_VERSION=version)
    assert done.returncode == 0, done.stderr.decode()
    expected = ort_outputs(model, tmp_path / "expected")
    np.testing.assert_allclose(np.load(tmp_path / "out/output_0.npy"), expected, rtol=1e-5, atol=1e-6)
    build = board.runs()[0]
    assert "--fp16" in build and ("--workspace=1024" in build) == (version in ("8001", "8201"))


def test_precision_is_chosen(board, model):
    done = board("run", model, "--precision", "f32")
    assert done.returncode == 0 and "--fp16" not in board.runs()[0]


@pytest.mark.parametrize("version", VERSIONS)
def test_profile_joins_layers_with_the_model(board, model, tmp_path, version):
    done = board("profile", model, "--repetitions", 2, "--profile-iterations", 7, "-o", tmp_path / "result.json",
                 FAKE_TRT_VERSION=version)
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads((tmp_path / "result.json").read_text())
    assert validate_result.main([tmp_path / "result.json"]) in (0, 77)
    environment = result["runner"]["environment"]
    assert environment["precision"] == "f16" and environment["written_for"].startswith("tensorrt-")
    profile = result["baseline"]["profile"]
    layers = {layer["name"]: layer for layer in profile["layers"]}
    assert layers["/embed/Conv"]["origins"] == ["/embed/Conv"] and layers["/embed/Conv"]["op"] == "Conv"
    assert layers["/embed/Conv"]["module"] == "embed"
    reformat = layers["Reformatting CopyNode for Input Tensor 0 to /embed/Conv"]
    assert reformat["op"] == "Reformat" and reformat["origins"] == ["/embed/Conv"] and reformat["flops"] == 0
    unnamed = [layer for name, layer in layers.items() if name.startswith("(Unnamed")]
    if version == "8001":  # nothing tells what it is of
        assert 0.5 < profile["attributed_share"] < 1 and unnamed[0]["origins"] == []
        assert unnamed[0]["op"] == "Shuffle"
    else:
        assert profile["attributed_share"] == 1 and unnamed[0]["origins"] == ["/embed/Reshape"]
    notes = {note["code"]: note for note in result["quality_notes"]}
    assert notes["layers_averaged"]["detail"] == "means over 10 runs" and "roof_missing" in notes
    assert result["baseline"]["summary"]["median_ns"] == pytest.approx(2.03e6, abs=0.05e6)


def test_an_engine_is_built_once(board, model):
    for _ in range(2):
        assert board("run", model).returncode == 0
    assert sum("--onnx=" in run for run in board.runs()) == 1
    assert board("run", model, "--precision", "f32").returncode == 0
    assert sum("--onnx=" in run for run in board.runs()) == 2


def test_two_models_take_turns(board, model, tmp_path):
    done = board("optimize", model, "--no-ablation", "--repetitions", 1, "-o", tmp_path / "out",
                 "--json")
    assert done.returncode == 0, done.stderr.decode()
    timed = [run.split()[0] for run in board.runs() if "--exportTimes" in run]
    assert len(timed) % 4 == 0 and len(set(timed[:2])) == 2
    assert timed[1] == timed[2] and timed[0] == timed[3], "A B B A"


def test_values_that_are_no_numbers(board, tmp_path):
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Log", ["in:put,'\""], ["y"], name="log")], "g",
        [value("in:put,'\"", onnx.TensorProto.FLOAT, [4])], [value("y", onnx.TensorProto.FLOAT, [4])])
    path = tmp_path / "log.onnx"
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8), path)
    np.save(tmp_path / "in.npy", np.array([-1, 0, 1, np.inf], np.float32))
    done = board("run", path, "--input", f"in:put,'\"={tmp_path}/in.npy", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr.decode()
    np.testing.assert_array_equal(np.load(tmp_path / "out/output_0.npy"), [np.nan, -np.inf, 0, np.inf])


@pytest.mark.parametrize("version", ["8201", "101303"])
def test_indices_of_64_bits(board, tmp_path, version):
    value = onnx.helper.make_tensor_value_info
    table = onnx.numpy_helper.from_array(np.arange(6, dtype=np.float32).reshape(3, 2) * 1.5, "table")
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Gather", ["table", "ids"], ["y"], name="gather"),
         onnx.helper.make_node("Add", ["ids", "ids"], ["twice"], name="double")], "g",
        [value("ids", onnx.TensorProto.INT64, [3])],
        [value("y", onnx.TensorProto.FLOAT, [3, 2]), value("twice", onnx.TensorProto.INT64, [3])], [table])
    path = tmp_path / "gather.onnx"
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8), path)
    np.save(tmp_path / "in.npy", np.array([2, 0, 1]))
    done = board("run", path, "--input", f"ids={tmp_path}/in.npy", "-o", tmp_path / "out", FAKE_TRT_VERSION=version)
    assert done.returncode == 0, done.stderr.decode()
    np.testing.assert_array_equal(np.load(tmp_path / "out/output_0.npy"), [[6, 7.5], [0, 1.5], [3, 4.5]])
    np.testing.assert_array_equal(np.load(tmp_path / "out/output_1.npy"), [4, 0, 2])
    np.save(tmp_path / "in.npy", np.array([2, 0, 2**40]))
    done = board("run", path, "--input", f"ids={tmp_path}/in.npy", FAKE_TRT_VERSION="8201")
    assert done.returncode == 3 and b"integers of 32 bits" in done.stderr


def test_progress_of_a_long_build(board, model):
    done = board("run", model, FAKE_TRT_BUILD_S="6")
    assert done.returncode == 0
    assert b"building the engine with TensorRT 8.2.1, 0 s" in done.stderr and b", 5 s" in done.stderr


# ---- what goes wrong

@pytest.mark.parametrize("version, words", [("7201", b"does not say its version"), ("110000", b"knows 8.0 to 10")])
def test_versions_that_are_not_known(board, model, version, words):
    done = board("run", model, FAKE_TRT_VERSION=version)
    assert done.returncode == 4 and words in done.stderr


def test_no_trtexec(model, tmp_path):
    done = nitro("run", model, "--runner", "trtexec", env={"NITRO_TRTEXEC": str(tmp_path / "none")})
    assert done.returncode == 4 and b"NITRO_TRTEXEC" in done.stderr
    if os.path.exists("/usr/src/tensorrt/bin/trtexec"):
        return
    done = nitro("run", model, "--runner", "trtexec", env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 4 and b"there is no trtexec" in done.stderr and b"apt install tensorrt" in done.stderr


def test_a_node_that_is_refused_is_named(board, model):
    done = board("run", model, FAKE_TRT_REFUSES="Conv")
    assert done.returncode == 3, done.stderr.decode()
    assert b"does not take the node '/embed/Conv' (Conv)" in done.stderr and b"Plugin not found" in done.stderr


@pytest.mark.parametrize("number, words", [("9", b"out of memory"), ("11", b"signal 11")])
def test_a_trtexec_that_dies(board, model, number, words):
    done = board("profile", model, "--repetitions", 1, FAKE_TRT_DIES=number)
    assert done.returncode == 4 and words in done.stderr


@pytest.mark.parametrize("garbage", ["{", "[1, 2]", "[]", "\x00\xff", "[" * 100000, '[{"count": 1}, {"name": "x"}]'])
@pytest.mark.parametrize("verb", ["run", "profile"])
def test_garbage_in_its_files(board, model, garbage, verb):
    more = ["--repetitions", 1] if verb == "profile" else []
    done = board(verb, model, *more, FAKE_TRT_GARBAGE=garbage.replace("\x00", "?"))
    assert done.returncode in (3, 4) and b"trtexec" in done.stderr and not done.stdout


def test_an_interrupt_ends_it(board, model, tmp_path):
    board("run", model)  # the engine is there
    process = subprocess.Popen(
        [NITRO, "profile", model, "--runner", "trtexec", "--duration", "3600"], stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, env=dict(os.environ, NITRO_TRTEXEC=str(board.folder / "trtexec"),
                                         XDG_CACHE_HOME=str(tmp_path / "cache")))
    deadline = time.monotonic() + 60
    while not any("--exportTimes" in run for run in board.runs()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_doctor_names_its_version(tmp_path):
    program = make_trtexec(tmp_path / "bin")
    done = nitro("doctor", env={"NITRO_TRTEXEC": str(program)})
    assert b"works    8.2.1 on cuda" in done.stdout


def test_other_runners_are_not_on_boards(model):
    for verb in ("run", "profile", "optimize"):
        done = nitro(verb, model, "--runner", "ort", "--device", "ssh://nowhere")
        assert done.returncode == 2 and b"--runner trtexec" in done.stderr
