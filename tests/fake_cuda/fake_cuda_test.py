"""What is around the CUDA engine, from the command line to Python, with a driver that has no GPU: kernels
compute nothing and take 10 microseconds.

Run with pytest. NITRO_BINARY names the program; without it build/release/nitro is taken.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import pytest

numpy = pytest.importorskip("numpy")
pytest.importorskip("onnx")
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "cli")]
import cli_models as models  # noqa: E402
from cli_test import NITRO, nitro  # noqa: E402
import validate_result  # noqa: E402

LIBRARY = pathlib.Path(NITRO).with_name("libnitro_engine.so")


@pytest.fixture(scope="module")
def gpu(tmp_path_factory):
    """The environment that has the driver; its cache of binaries is empty at first."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        pytest.skip("no C compiler")
    folder = tmp_path_factory.mktemp("driver")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o",
                    folder / "libcuda.so.1", HERE / "fake_libcuda.c"], check=True)
    environment = {"LD_LIBRARY_PATH": str(folder), "XDG_CACHE_HOME": str(folder)}
    found = json.loads(nitro("doctor", "--json", env=environment).stdout)["runners"]
    cuda = next(item for item in found if item["name"] == "cuda")
    if "NVRTC" in cuda["reason"]:
        pytest.skip(cuda["reason"])
    assert cuda["works"], cuda["reason"]
    assert cuda["devices"] == [{"provider": "cuda", "name": "Fake GPU"}]
    return environment


def valid(path):
    """The result in a file; it follows its schema where jsonschema is installed."""
    assert validate_result.main([path]) in (0, 77)
    return json.loads(pathlib.Path(path).read_text())


def succeed(gpu, *words):
    done = nitro(*words, env=gpu)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture
def model(tmp_path):
    return models.patch_model(tmp_path / "patch.onnx")


def test_run_gives_what_the_kernels_leave(gpu, model):
    outputs = json.loads(succeed(gpu, "run", model, "--runner", "cuda", "--json"))["outputs"]
    assert outputs and all(output["greatest"] == 0 for output in outputs)


@pytest.mark.parametrize("precision", ["f16", "f32"])
def test_profile_explains_the_time_by_the_steps(gpu, model, precision, tmp_path):
    succeed(gpu, "profile", model, "--runner", "cuda", "--repetitions", 1, "--precision", precision,
            "-o", tmp_path / "result.json")
    result = valid(tmp_path / "result.json")
    environment = result["runner"]["environment"]
    assert environment["device"] == "Fake GPU" and environment["precision"] == precision
    profile = result["baseline"]["profile"]
    assert profile["attributed_share"] == 1
    for layer in profile["layers"]:
        assert layer["time_ns"] == layer["alone_ns"] == 10000
        assert layer["op"] in ("gemm", "loop", "attention") and layer["origins"]
        assert layer["bound"] == "launch", "the smallest step takes as long"
        assert "10.00 us" in layer["evidence"]
    assert round(profile["gpu_roofs"]["launch_ns"]) == 10000


def test_a_runner_ends_with_who_reads_its_replies(gpu, model, tmp_path):
    succeed(gpu, "export", model, "--plan", "-o", tmp_path / "model.plan")
    runner = subprocess.Popen([NITRO, "runner", "cuda"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              env={**os.environ, **gpu})

    def ask(verb, **members):
        runner.stdin.write(json.dumps({"id": 1, "verb": verb, **members}).encode() + b"\n")
        runner.stdin.flush()
    ask("hello", protocol=1, scratch=str(tmp_path))
    ask("load", model=str(tmp_path / "model.plan"))
    assert all(json.loads(runner.stdout.readline())["ok"] for _ in range(2))
    numpy.save(tmp_path / "image.npy", numpy.zeros((1, 3, 8, 8), "f4"))
    ask("profile", handle=1, inputs={"image": str(tmp_path / "image.npy")}, iterations=10**8)
    runner.stdout.close()
    assert runner.wait(timeout=60) != 0


@pytest.fixture
def cupti(tmp_path):
    library = tmp_path / "libcupti.so"
    subprocess.run([shutil.which("cc") or "gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o",
                    library, HERE / "fake_libcupti.c"], check=True)
    return {"NITRO_CUPTI": str(library)}


def test_kernels_are_also_timed_by_cupti(gpu, cupti, model, tmp_path):
    text = succeed({**gpu, **cupti}, "profile", model, "--runner", "cuda", "--repetitions", 1, "-o",
                   tmp_path / "result.json")
    result = valid(tmp_path / "result.json")
    layers = result["baseline"]["profile"]["layers"]
    assert [layer["kernel_ns"] for layer in layers] == [9000] * len(layers)
    assert [layer["gap_ns"] for layer in layers] == [0] + [1000] * (len(layers) - 1)
    assert [layer["counters"] for layer in layers] == [
        {"memory_bytes": 1000 * (i + 1), "cache_bytes": 1000 * (i + 1), "issue_share": 0.25, "warp_share": 0.25}
        for i in range(len(layers))]
    assert "The hardware counts 25 % of its cycles" in layers[0]["evidence"]
    codes = [note["code"] for note in result["quality_notes"]]
    assert "activity_missing" not in codes and "counters_missing" not in codes
    assert " by CUPTI · " in text


def test_counters_that_users_may_not_read_are_a_note(gpu, cupti, model, tmp_path):
    succeed({**gpu, **cupti, "FAKE_CUPTI_FORBIDS": "1"}, "profile", model, "--runner", "cuda", "--repetitions", 1, "-o",
            tmp_path / "result.json")
    result = valid(tmp_path / "result.json")
    note = next(note for note in result["quality_notes"] if note["code"] == "counters_missing")
    assert "only administrators" in note["detail"] and "NVreg_RestrictProfilingToAdminUsers" in note["detail"]
    assert all("kernel_ns" in layer and "counters" not in layer
               for layer in result["baseline"]["profile"]["layers"])


@pytest.mark.parametrize("broken, words", [
    ({"NITRO_CUPTI": "/nowhere/libcupti.so"}, "NITRO_CUPTI"),
    ({"FAKE_CUPTI_LOSES": "1"}, "CUPTI recorded"),
])
def test_a_profile_without_cupti_says_why(gpu, cupti, model, tmp_path, broken, words):
    text = succeed({**gpu, **cupti, **broken}, "profile", model, "--runner", "cuda", "--repetitions", 1, "-o",
                   tmp_path / "result.json")
    result = valid(tmp_path / "result.json")
    note = next(note for note in result["quality_notes"] if note["code"] == "activity_missing")
    assert words in note["detail"]
    assert all("kernel_ns" not in layer for layer in result["baseline"]["profile"]["layers"])
    assert "by CUPTI" not in text


@pytest.fixture
def nvtx_tool(tmp_path):
    """A tool that writes down the ranges it is told, built with NVTX's own headers."""
    include = next(iter((HERE.parent.parent / ".venv").glob("lib/python3*/site-packages/nvidia/nvtx/include")))
    tool = tmp_path / "libtool.so"
    subprocess.run([shutil.which("cc") or "gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror",
                    "-isystem", include, "-o", tool, HERE / "fake_nvtx_tool.c"], check=True)
    return {"NVTX_INJECTION64_PATH": str(tool), "FAKE_NVTX_LOG": str(tmp_path / "ranges.txt")}


def test_steps_outside_of_the_graph_have_ranges_that_name_their_module(gpu, nvtx_tool, tmp_path):
    result = json.loads(succeed({**gpu, **nvtx_tool}, "profile", "zoo:edgevl-swin-t", "--runner", "cuda",
                                "--repetitions", 1, "--profile-iterations", 2, "--json"))
    layers = result["baseline"]["profile"]["layers"]
    lines = (tmp_path / "ranges.txt").read_text().splitlines()
    assert lines[1::2] == ["pop"] * (len(lines) // 2), "ranges hold one launch each"
    names = [line.removeprefix("push ") for line in lines[::2]]
    # The head, in one kernel, is of several modules without a common one.
    wanted = [": ".join(filter(None, (layer["module"], layer["name"]))) for layer in layers]
    assert sum(bool(layer["module"]) for layer in layers) == len(layers) - 1
    assert any(names[i:i + len(wanted)] == wanted for i in range(len(names)))
    assert any("layers.2.blocks.1" in name for name in names)


def test_the_roofs_of_the_gpu_are_kept(gpu, model, tmp_path):
    on = {**gpu, "XDG_CACHE_HOME": str(tmp_path)}
    def roofs():
        result = json.loads(succeed(on, "profile", model, "--runner", "cuda", "--repetitions", 1, "--json"))
        return result["baseline"]["profile"]["gpu_roofs"]
    measured = roofs()
    kept, = (tmp_path / "nitro").glob("gpu-roofs-*.json")
    content = json.loads(kept.read_text())
    assert "Fake GPU" in content["key"] and content["roofs"] == measured
    content["roofs"]["fp32_flops"] = 5e12
    kept.write_text(json.dumps(content))
    assert roofs()["fp32_flops"] == 5e12
    kept.write_text("{")
    assert roofs()["launch_ns"] == pytest.approx(measured["launch_ns"])
    assert json.loads(kept.read_text())["roofs"]["fp32_flops"] != 5e12


@pytest.mark.parametrize("capability", [53, 90])
def test_every_step_of_a_student_belongs_to_its_module(gpu, capability):
    on = {**gpu, "FAKE_CAPABILITY": str(capability)}
    result = json.loads(succeed(on, "profile", "zoo:edgevl-vit-s", "--runner", "cuda",
                                "--repetitions", 1, "--profile-iterations", 2, "--json"))
    assert result["runner"]["environment"]["compute_capability"] == capability
    profile = result["baseline"]["profile"]
    assert profile["attributed_share"] == 1 and len(profile["layers"]) > 50
    work = {module["path"]: module["flops"] for module in profile["modules"]}
    assert 9e9 < work[""] < 9.3e9
    for number in range(12):
        assert 0.75e9 < work[f"transformer.encoder.layer.{number}"] < 0.77e9


def test_optimize_measures_with_the_standard_recipe(gpu, model, tmp_path):
    out = tmp_path / "out"
    succeed(gpu, "optimize", model, "--runner", "cuda", "--repetitions", 1, "--ablation-repetitions",
            1, "-o", out)
    result = valid(out / "patch.result.json")
    passes = [entry["pass"] for entry in result["ledger"]]
    assert "fuse-attention" in passes and "lower-linear" not in passes
    assert (out / "patch.opt.onnx").exists()


@pytest.mark.parametrize("words, said", [
    ([], b"-o my-board.toml"),
    (["-o", "board"], b"-o board.toml"),
    (["-o", "board.toml", "--device", "jetson-nano"], b"ssh://user@host"),
    (["-o", "board.toml", "--lock-clocks"], b"ssh://user@host"),
    (["-o", "board.toml", "--runner", "ort"], b"runners: cuda, trtexec"),
    (["-o", "board.toml", "--like", "jetson-nan"], b"jetson-nano"),
])
def test_calibrate_says_what_it_needs(gpu, words, said, tmp_path):
    done = nitro("devices", "calibrate", *words, env=gpu, cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and not list(tmp_path.iterdir())


def test_an_interrupted_calibration_leaves_nothing(gpu, tmp_path):
    process = subprocess.Popen([NITRO, "devices", "calibrate", "-o", tmp_path / "gpu.toml"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **gpu})
    for line in process.stderr:
        if b"measuring 2 of" in line:
            break
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 130 and not out and not list(tmp_path.iterdir())


def test_a_wrong_precision_in_the_environment_exits_4(gpu, model):
    done = nitro("run", model, "--runner", "cuda", env={**gpu, "NITRO_CUDA_PRECISION": "f8"})
    assert done.returncode == 4 and b"f16 or f32" in done.stderr


@pytest.fixture
def plan(gpu, model, tmp_path):
    if not LIBRARY.exists():
        pytest.skip("nitro_engine is not built")
    succeed(gpu, "export", model, "--plan", "-o", tmp_path / "x.plan")
    return tmp_path / "x.plan"


def python(gpu, code, *words):
    """Another process, because the driver is loaded once in each."""
    environment = {**os.environ, **gpu, "PYTHONPATH": str(HERE.parents[1] / "python"),
                   "NITRO_ENGINE_LIBRARY": str(LIBRARY)}
    return subprocess.run([sys.executable, "-c", code, *map(str, words)], env=environment,
                          capture_output=True, text=True, timeout=300)


def test_the_python_class_on_numpy_and_on_arrays_of_the_device(gpu, plan):
    done = python(gpu, """
import sys, types, numpy
from nitro.engine import Engine, EngineError
engine = Engine(sys.argv[1])
assert engine.device_name == "Fake GPU" and engine.step_count > 0 and engine.memory_bytes > 0
port, out = engine.inputs[0], engine.outputs[0]
outputs = engine.run(numpy.ones(port.shape, "f4"))
assert list(outputs) == [out.name] and outputs[out.name].shape == out.shape

memory = numpy.zeros(1 << 16, "u1")
start = -memory.ctypes.data % 256 + memory.ctypes.data
def array(shape, address):
    interface = {"typestr": "<f4", "shape": shape, "data": (address, False), "strides": None}
    return types.SimpleNamespace(__cuda_array_interface__=interface)
x, y = array(port.shape, start), array(out.shape, start + (1 << 15))
for _ in range(3):
    assert engine.run({port.name: x}, {out.name: y}, stream=0)[out.name] is y
assert engine._bound == ((start,), (start + (1 << 15),))
engine.run(numpy.ones(port.shape, "f4"))
assert engine._bound == ((0,), (0,))
try:
    engine.run({port.name: array(port.shape, start + 4)}, {out.name: y}, stream=0)
    raise AssertionError("not aligned")
except EngineError as error:
    assert error.code == "usage"
""", plan)
    assert done.returncode == 0, done.stderr


def test_the_example_runs_a_plan(gpu, plan):
    example = pathlib.Path(NITRO).with_name("run_plan")
    environment = {**os.environ, **gpu}
    done = subprocess.run([example, plan, "10"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "steps on Fake GPU" in done.stdout and "10 runs: " in done.stdout
