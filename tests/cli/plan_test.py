"""Plans and the runner cuda from the command line, on a machine without a GPU.

Run with pytest. NITRO_BINARY names the program; without it build/release/nitro is taken.
"""

import ctypes
import pathlib
import sys

import pytest

pytest.importorskip("numpy")
pytest.importorskip("onnx")
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import cli_models as models  # noqa: E402
from cli_test import document, nitro, succeed  # noqa: E402


def has_gpu():
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return driver.cuInit(0) == 0


without_gpu = pytest.mark.skipif(has_gpu(), reason="there is a GPU here")


@pytest.fixture
def model(tmp_path):
    return models.patch_model(tmp_path / "patch.onnx")


@pytest.fixture
def plan(model, tmp_path):
    succeed("export", model, "--plan", "-o", tmp_path / "x.plan")
    return tmp_path / "x.plan"


def test_a_plan_is_written_and_replaced(model, tmp_path):
    path = tmp_path / "x.plan"
    made = document("export", model, "--plan", "-o", path)
    assert path.read_bytes().startswith(b"NITROPLN")
    assert made["bytes"] == path.stat().st_size
    assert made["precision"] == "f16" and made["steps"] > 0
    exact = document("export", model, "--plan", "--precision", "f32", "-o", path)
    assert exact["precision"] == "f32"
    path.write_bytes(b"somebody's")
    assert nitro("export", model, "--plan", "-o", path).returncode == 2
    assert path.read_bytes() == b"somebody's"


def test_a_plan_goes_to_stdout(model, plan):
    done = nitro("export", model, "--plan", "-o", "-")
    assert done.returncode == 0 and done.stdout == plan.read_bytes()


def test_the_kernels_of_an_architecture_are_embedded(model, plan, tmp_path):
    path = tmp_path / "with.plan"
    succeed("export", model, "--plan", "--arch", "sm_87", "-o", path)
    assert b"__global__" in path.read_bytes() and b"__global__" not in plan.read_bytes()
    found = document("inspect", path)
    assert found["embedded_kernels"] == found["architecture"] == "sm_87"


def test_inspect_shows_the_steps(plan):
    text = succeed("inspect", plan)
    assert all(len(line) <= 100 for line in text.splitlines() if not line.startswith("note:"))
    assert "STEP" in text and "total: " in text and "precision  f16" in text
    found = document("inspect", plan)
    assert found["architecture"] == "sm_90" and found["embedded_kernels"] is None
    assert len(found["steps"]) == found["totals"]["steps"] > 0
    assert found["totals"]["flops"] == sum(step["flops"] for step in found["steps"])
    for step in found["steps"]:
        assert step["family"] in ("loop", "gemm", "attention")
        assert len(step["grid"]) == 3 and step["threads"] > 0 and step["origins"]


@pytest.mark.parametrize("verb", ["run", "profile", "optimize", "apply", "export"])
def test_a_plan_is_no_model(verb, plan, tmp_path):
    more = ["--pass", "fuse-gelu"] if verb == "apply" else []
    done = nitro(verb, plan, "-o", tmp_path / "out", *more)
    assert done.returncode == 2 and b"is a plan" in done.stderr and b"nitro inspect" in done.stderr


def test_without_nvrtc_there_is_a_note_and_no_registers(plan):
    done = nitro("inspect", plan, "--json", env={"NITRO_NVRTC": "/nonexistent.so"})
    assert done.returncode == 0
    assert b"registers and spills are not known" in done.stdout


@pytest.mark.parametrize("words", [
    ["export", "zoo:none", "--precision", "f16", "-o", "x"], ["export", "zoo:none", "--fp16", "-o", "x"],
    ["export", "zoo:none", "--plan", "--precision", "f8", "-o", "x"],
    ["inspect", "zoo:edgevl-vit-s", "--arch", "sm_90"],
    ["run", "zoo:edgevl-vit-s", "--runner", "reference", "--precision", "f16"],
])
def test_wrong_use_exits_2(words):
    assert nitro(*words).returncode == 2


@pytest.mark.parametrize("architecture", ["sm_30", "90a", "", "x"])
def test_what_is_no_architecture_exits_2(plan, architecture):
    assert nitro("inspect", plan, f"--arch={architecture or ' '}").returncode == 2


def test_damaged_plans_exit_3(plan):
    whole = plan.read_bytes()
    for damaged in (whole[:-1], whole[:40], whole[:100] + b"x" + whole[101:], whole + b"x"):
        plan.write_bytes(damaged)
        done = nitro("inspect", plan)
        assert done.returncode == 3, done.stderr
        assert b"x.plan" in done.stderr


@without_gpu
@pytest.mark.parametrize("verb", [["run"], ["profile"], ["optimize", "-o", "out"]])
def test_the_runner_cuda_without_a_gpu_exits_4_with_a_remedy(verb, model, tmp_path):
    done = nitro(verb[0], model, "--runner", "cuda", *verb[1:], cwd=tmp_path)
    assert done.returncode == 4
    assert b"CUDA driver" in done.stderr and b"hint: " in done.stderr


@without_gpu
def test_doctor_says_why_cuda_is_missing():
    found = {item["name"]: item for item in document("doctor")["runners"]}["cuda"]
    assert not found["works"] and found["reason"] and found["hint"]
