"""TensorRT on a board at the other end of ssh: a real sshd on loopback, the agent built for this machine, and
tests/runners/fake_trtexec.py as the board's trtexec.

Run with pytest. NITRO_BINARY names the program, beside which nitro_agent_host is; without it build/release/nitro
is taken.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

import pytest

pytest.importorskip("onnxruntime")
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "cli"), str(HERE.parent / "runners")]
import agent_test  # noqa: E402
import cli_models as models  # noqa: E402
import validate_result  # noqa: E402
from agent_test import agent  # noqa: E402, F401
from cli_test import NITRO, nitro  # noqa: E402
from ssh_test import SSHD, Board, wait_for  # noqa: E402
from trtexec_test import make_trtexec, runs_of  # noqa: E402

AGENT = pathlib.Path(NITRO).parent / "nitro_agent_host"


class TensorrtBoard(Board):
    @property
    def environment(self):
        return {**super().environment, "NITRO_AGENT": str(AGENT)}

    def run(self, *words, **options):
        return super().run(*words, "--runner", "trtexec", **options)

    def runs(self):
        return runs_of(self.folder / "bin")


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    if not os.path.exists(SSHD) or os.geteuid() != 0:
        pytest.skip("no sshd that this user may start")
    if not AGENT.exists():
        pytest.skip(f"no {AGENT}")
    made = TensorrtBoard(tmp_path_factory.mktemp("board"), {})
    yield made
    made.stop()


@pytest.fixture
def trtexec(board):
    """A fresh trtexec on the board."""
    for old in [board.folder / "bin/log", *(board.folder / "home/.cache/nitro").glob("engines/*")]:
        old.unlink(missing_ok=True)
    return lambda **environment: make_trtexec(board.folder / "bin", **environment)


@pytest.fixture
def model(tmp_path):
    return models.patch_model(tmp_path / "patch.onnx")


def test_a_model_is_built_timed_and_profiled_there(board, trtexec, model, tmp_path):
    trtexec(FAKE_TRT_BUILD_S="6")
    done = board.run("profile", model, "--repetitions", 2, "-o", tmp_path / "result.json")
    assert done.returncode == 0, done.stderr.decode()
    assert b"building the engine with TensorRT 8.2.1, 5 s" in done.stderr
    assert sum("--onnx=" in run for run in board.runs()) == 1, "the later processes find the engine"
    result = json.loads((tmp_path / "result.json").read_text())
    assert validate_result.main([tmp_path / "result.json"]) in (0, 77)
    environment = result["runner"]["environment"]
    assert environment["reached_by"] == board.device and environment["tensorrt"] == "8.2.1"
    assert environment["board"]["jetpack"] == "4.6.1" and environment["written_for"] == "tensorrt-8.2"
    assert result["baseline"]["profile"]["attributed_share"] == 1
    wait_for(lambda: not list(board.sessions()))


def test_outputs_come_back(board, trtexec, model, tmp_path):
    np = pytest.importorskip("numpy")
    trtexec(FAKE_TRT_VERSION="8001")
    assert board.run("run", model, "-o", tmp_path / "there").returncode == 0
    assert nitro("run", model, "-o", tmp_path / "here").returncode == 0
    np.testing.assert_allclose(np.load(tmp_path / "there/output_0.npy"), np.load(tmp_path / "here/output_0.npy"),
                               rtol=1e-5, atol=1e-6)


def test_errors_of_the_board(board, trtexec, model):
    trtexec(FAKE_TRT_REFUSES="Conv")
    done = board.run("run", model)
    assert done.returncode == 3 and b"'/embed/Conv' (Conv)" in done.stderr
    (board.folder / "bin/trtexec").unlink()
    done = board.run("run", model)
    assert done.returncode == 4 and b"there is no trtexec" in done.stderr


def test_doctor_names_the_version_there(board, trtexec):
    trtexec(FAKE_TRT_VERSION="8001")
    done = nitro("doctor", "--device", board.device, env=board.environment)
    text = " ".join(done.stdout.decode().split())
    assert "trtexec works 8.0.1 on cuda" in text and text.count("NVIDIA Jetson Nano Developer Kit") == 1


def test_a_connection_lost_during_a_build(board, trtexec, model):
    trtexec(FAKE_TRT_BUILD_S="4")
    process = subprocess.Popen([NITRO, "run", model, "--device", board.device, "--runner", "trtexec"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=dict(os.environ, **board.environment))
    wait_for(lambda: any("--onnx=" in run for run in board.runs()))
    board.cut()
    time.sleep(0.5)
    board.start()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()


@agent_test.pytestmark
def test_the_agent_for_boards_runs_it(board, trtexec, model, agent, tmp_path):  # noqa: F811
    trtexec()
    script = tmp_path / "agent"
    words = " ".join(f"'{word}'" for word in agent)
    script.write_text(f"#!/bin/sh\nexec {words} \"$@\"\n")
    done = nitro("profile", model, "--device", board.device, "--runner", "trtexec", "--repetitions", 1, "-o",
                 tmp_path / "result.json", env={**board.environment, "NITRO_AGENT": str(script)})
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["runner"]["environment"]["cpu"] == "aarch64"
    assert result["baseline"]["profile"]["attributed_share"] == 1
