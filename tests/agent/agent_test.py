"""nitro-agent for boards, emulated, with a driver of CUDA 10.2 that has no GPU: kernels compute nothing.

Run with pytest; builds the agent. NITRO_BINARY names the program `nitro`, which makes the plans and
whose runner `cuda` must do the same on this machine; without it build/release/nitro is taken.
"""

import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "cli")]
import cli_models as models  # noqa: E402
from cli_test import NITRO, ROOT, nitro  # noqa: E402

EMULATOR = ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"]
FAKES = HERE.parent / "fake_cuda"
ZIG = [sys.executable, "-m", "ziglang", "cc", "-target", "aarch64-linux-gnu.2.27"]
QUICK = {"warmup_ns": 0, "max_warmup_ns": 0, "min_samples": 4, "max_samples": 4, "min_ns": 0,
         "max_ns": 10**9}

pytestmark = pytest.mark.skipif(
    not (importlib.util.find_spec("ziglang") and shutil.which(EMULATOR[0])
         and pathlib.Path(EMULATOR[2]).is_dir() and shutil.which("cc")),
    reason="no ziglang, emulator or C compiler: scripts/bootstrap.sh test")


class Conversation:
    """A runner process, its scratch folder and what it was asked."""

    def __init__(self, command, environment, scratch):
        scratch.mkdir(exist_ok=True)
        self.scratch = scratch
        self.count = 0
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "NITRO_PYTHON": sys.executable, **environment})

    def ask(self, verb, **members):
        self.count += 1
        request = {"id": self.count, "verb": verb, **members}
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline())
        assert reply.pop("id") == self.count
        return reply

    def succeed(self, verb, **members):
        reply = self.ask(verb, **members)
        assert reply.pop("ok"), reply
        return reply

    def refused(self, verb, **members):
        reply = self.ask(verb, **members)
        assert reply["ok"] is False
        return reply["error"]

    def hello(self):
        return self.succeed("hello", protocol=1, scratch=str(self.scratch))

    def stage(self, name, array):
        path = self.scratch / f"{name}.npy"
        np.save(path, array)
        return str(path)

    def close(self):
        """The exit code; nothing but replies was on stdout."""
        self.process.stdin.close()
        assert self.process.stdout.read() == b""
        self.process.stdout.close()
        return self.process.wait(timeout=60)


@pytest.fixture(scope="module")
def agent():
    """The program, which the script also checks."""
    subprocess.run([ROOT / "scripts/build-agent.sh"], check=True)
    return [*EMULATOR, ROOT / "build/agent/nitro-agent"]


def fakes(compiler, folder, *options):
    """Builds the driver of CUDA 10.2 and its NVRTC."""
    folder.mkdir()
    for source, library in [("fake_libcuda.c", "libcuda.so.1"),
                            ("fake_libnvrtc.c", "libnvrtc.so.10.2")]:
        subprocess.run([*compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror",
                        "-DFAKE_CUDA_VERSION=10020", *options, "-o", folder / library,
                        FAKES / source], check=True)
    return {"LD_LIBRARY_PATH": str(folder), "FAKE_CAPABILITY": "53"}


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """The environment of a board."""
    return fakes(ZIG, tmp_path_factory.mktemp("board") / "lib")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The same of this machine."""
    folder = tmp_path_factory.mktemp("desk") / "lib"
    return {**fakes(["cc"], folder), "NITRO_NVRTC": str(folder / "libnvrtc.so.10.2")}


@pytest.fixture
def conversation(agent, board, tmp_path):
    """What starts the agent on a board, with more in its environment."""
    running = []

    def start(**environment):
        cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
        running.append(Conversation(agent, {**board, **cache, **environment}, tmp_path / "scratch"))
        return running[-1]

    yield start
    for one in running:
        one.process.kill()
        one.process.wait()


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    model = models.patch_model(folder / "patch.onnx")
    done = nitro("export", model, "--plan", "-o", folder / "patch.plan")
    assert done.returncode == 0, done.stderr.decode()
    return folder / "patch.plan"


def load(runner, plan):
    return runner.succeed("load", model=str(plan), threads=1, provider="cuda")


def test_it_says_what_it_is(agent):
    run = lambda *words: subprocess.run([*agent, *words], capture_output=True, text=True)
    version = run("--version")
    assert version.returncode == 0
    assert version.stdout == nitro("--version").stdout.decode().replace("nitro", "nitro-agent")
    assert "NITRO_NVRTC" in run("--help").stdout
    for words in (["--verson"], ["--help", "more"]):
        wrong = run(*words)
        assert wrong.returncode == 2 and wrong.stdout == ""
        assert wrong.stderr.startswith("nitro-agent: error: ")


def test_a_whole_conversation(conversation, plan):
    runner = conversation()
    hello = runner.hello()
    environment = hello["environment"]
    assert hello["devices"] == [{"provider": "cuda", "name": "Fake GPU"}]
    assert environment["cpu"] == "aarch64" and environment["compute_capability"] == 53
    assert environment["cuda"] == "10.2" and environment["nvrtc"] == "10.2"

    loaded = load(runner, plan)
    assert loaded["inputs"] == [{"name": "image", "dtype": "f32", "shape": [1, 3, 8, 8]}]
    assert loaded["outputs"] == [{"name": "y", "dtype": "f32", "shape": [1, 5]}]
    call = {"handle": loaded["handle"],
            "inputs": {"image": runner.stage("image", np.ones((1, 3, 8, 8), np.float32))}}
    outputs = runner.succeed("run", **call)["outputs"]
    result = np.load(outputs["y"])
    assert result.shape == (1, 5) and result.dtype == np.float32 and not result.any()

    timed = runner.succeed("time", variants=[{"calls": [call]}, {"calls": [call, call]}], **QUICK)
    once, twice = (variant["samples_ns"] for variant in timed["variants"])
    assert timed["stopped_by"] == "count" and len(once) == len(twice) == 4

    profile = runner.succeed("profile", iterations=2, **call)
    assert min(once) >= len(profile["nodes"]) * 10_000 and min(twice) > min(once)
    for node in profile["nodes"]:
        assert node["durations_ns"] == [10_000] * 2 and node["origins"]
    assert profile["gpu_roofs"]["launch_ns"] > 0
    assert "CUPTI" in profile["activity_error"] and "CUPTI" in profile["counters_error"]

    runner.succeed("unload", handle=loaded["handle"])
    assert runner.refused("run", **call)["code"] == "usage"
    runner.succeed("bye")
    assert runner.close() == 0


def untimed(node):
    return {key: value for key, value in node.items() if not key.endswith("_ns")}


def test_it_does_what_this_machine_does(agent, board, desk, tmp_path, plan):
    """The same launches of the same sources, the same packed weights."""
    done = []
    for command, own in ((agent, board), ([NITRO, "runner", "cuda"], desk)):
        folder = tmp_path / str(len(done))
        folder.mkdir()
        uploads = folder / "uploads"
        runner = Conversation(command, {**own, "XDG_CACHE_HOME": str(folder), "FAKE_UPLOADS": str(uploads)},
                              folder / "scratch")
        try:
            runner.hello()
            loaded = load(runner, plan)
            image = np.arange(192, dtype=np.float32).reshape(1, 3, 8, 8)
            call = {"handle": loaded["handle"], "inputs": {"image": runner.stage("image", image)}}
            runner.succeed("run", **call)
            uploaded = uploads.read_bytes()
            binaries = sorted(os.listdir(folder / "nitro/cubins"))
            profile = runner.succeed("profile", iterations=1, **call)
            assert runner.close() == 0
        finally:
            runner.process.kill()
        done.append((loaded["inputs"], loaded["outputs"], uploaded, binaries,
                     [untimed(node) for node in profile["nodes"]]))
    assert done[0] == done[1]
    assert done[0][3], "sources are compared by the names of their binaries"


def test_it_refuses_what_is_no_plan(conversation, plan, tmp_path):
    runner = conversation()
    assert runner.refused("load", model=str(plan))["code"] == "usage", "hello comes first"
    runner.hello()
    model = models.patch_model(tmp_path / "patch.onnx")
    error = runner.refused("load", model=str(model))
    assert error["code"] == "bad_file" and "nitro export" in error["hint"]
    content = plan.read_bytes()
    (tmp_path / "cut.plan").write_bytes(content[:-9])
    (tmp_path / "changed.plan").write_bytes(content[:-99] + b"\x55" + content[-98:])
    for name in ("cut.plan", "changed.plan"):
        assert runner.refused("load", model=str(tmp_path / name))["code"] == "bad_file"
    assert runner.refused("load", model=str(tmp_path / "none"))["message"]
    assert load(runner, plan)["handle"] == 1
    assert runner.close() == 0, "the end of its stdin is as good as bye"


def test_without_a_driver_it_says_so(conversation):
    runner = conversation(LD_LIBRARY_PATH="")
    error = runner.refused("hello", protocol=1, scratch=str(runner.scratch))
    assert error["code"] == "environment" and "libcuda.so.1" in error["message"] and error["hint"]
    assert runner.close() == 0


def test_the_nvrtc_of_the_driver_goes_before_newer_ones(conversation, board, tmp_path):
    folder = tmp_path / "newer"
    shutil.copytree(board["LD_LIBRARY_PATH"], folder)
    subprocess.run([*ZIG, "-shared", "-fPIC", "-DFAKE_NVRTC_MAJOR=12", "-o", folder / "libnvrtc.so.12",
                    FAKES / "fake_libnvrtc.c"], check=True)
    both = conversation(LD_LIBRARY_PATH=str(folder))
    assert both.hello()["environment"]["nvrtc"] == "10.2"
    (folder / "libnvrtc.so.10.2").unlink()
    newer = conversation(LD_LIBRARY_PATH=str(folder))
    assert newer.hello()["environment"]["nvrtc"] == "12.2"


def test_an_nvrtc_without_its_builtins_has_a_remedy(conversation, plan):
    runner = conversation(FAKE_NVRTC_FAILS="7")
    runner.hello()
    error = runner.refused("load", model=str(plan))
    assert error["code"] == "environment" and "compute_53" in error["message"]
    assert "libnvrtc-builtins.so" in error["hint"]
