"""Clock probing of a board at the other end of ssh: that its layers are told apart, and that its clocks are always set
back. The board is that of ssh_test.py; a kernel of its driver takes cycles of the GPU's clock, of the memory's, or a
fixed time, by the remainder of its blocks by 3.

Run with pytest. NITRO_BINARY names the program; without it build/release/nitro is taken.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "cli"), str(HERE.parent / "fake_cuda")]
import cli_models as models  # noqa: E402
import validate_result  # noqa: E402
from cli_test import NITRO, nitro  # noqa: E402
from fake_cuda_test import gpu  # noqa: E402, F401
from ssh_test import GPU, NANO, ROOTS, board, calls_of_clocks, model, wait_for  # noqa: E402, F401

VERDICTS = ("compute", "memory", "launch")  # by the remainder of the blocks
SET = ("min_freq", "max_freq")


@pytest.fixture(autouse=True)
def clocks_are_as_before(board):  # noqa: F811
    yield
    wait_for(lambda: not list(board.sessions()))
    assert clocks(board) == as_before()


def clocks(board):  # noqa: F811
    files = {GPU + name: board.folder / "board" / GPU / name for name in SET}
    files.update((name, board.folder / "roots" / name) for name in ROOTS)
    return {name: file.read_text().strip() for name, file in files.items()}


def as_before():
    return {**{GPU + name: NANO[GPU + name] for name in SET}, **ROOTS}


def low(board):  # noqa: F811
    """Whether a clock is low at present."""
    return (board.folder / "board" / GPU / "max_freq").read_text().strip() == "307200000"


def probe(board, model, tmp_path, *words):  # noqa: F811
    done = board.run("profile", model, "--probe-clocks", "--repetitions", 1, "--duration", 0.1, "-o",
                     tmp_path / "result.json", "--report", tmp_path / "page.html", *words)
    assert done.returncode == 0, done.stderr.decode()
    assert validate_result.main([tmp_path / "result.json"]) in (0, 77)
    return json.loads((tmp_path / "result.json").read_text()), done.stdout.decode()


def start(board, model, *words):  # noqa: F811
    return subprocess.Popen(
        [NITRO, "profile", model, "--device", board.device, "--probe-clocks", "--repetitions", "1", "--duration", "0.1",
         "--json", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ, **board.environment))


def note(result, code):
    return next(note for note in result["quality_notes"] if note["code"] == code)


def test_each_layer_follows_its_clock(board, tmp_path):  # noqa: F811
    seen = set()
    for rows in (49, 128):
        result, _ = probe(board, models.products_model(tmp_path / "products.onnx", rows), tmp_path)
        for layer in result["baseline"]["profile"]["layers"]:
            shares = layer["clock_shares"]
            assert shares["verdict"] == VERDICTS[round(layer["waves"] * 132) % 3], shares["evidence"]
            seen.add(shares["verdict"])
    assert seen == set(VERDICTS)


def test_the_frame_has_shares_too(board, model, tmp_path):  # noqa: F811
    (board.folder / "sudo.log").unlink(missing_ok=True)
    result, text = probe(board, model, tmp_path)
    assert "devfreq" not in (board.folder / "sudo.log").read_text(), "what its user may write needs no root"
    found = result["baseline"]["profile"]["clock_probe"]
    points = [(point["gpu_hz"], point["emc_hz"]) for point in found["points"]]
    high, low = (614400000, 1600000000), (307200000, 800000000)
    assert points[:4] == [high, (low[0], high[1]), low, (high[0], low[1])]
    assert points[4:] == points[3::-1] and all(point["used"] for point in found["points"])
    parts = [found["frame"][key]["value"] for key in ("gpu_share", "memory_share", "overlap_share", "fixed_share")]
    assert sum(parts) == pytest.approx(1)
    assert "by clocks" in text and "GPU CLOCK" in text
    page = (tmp_path / "page.html").read_text()
    assert 'id="clocks"' in page and "follows" in page
    assert "clock_not_followed" not in [note["code"] for note in result["quality_notes"]]


def test_memory_that_its_user_may_not_set(board, model, tmp_path):  # noqa: F811
    with forbidden(board, "sys/kernel/debug/clk/override.emc/clk_update_rate"):
        result, text = probe(board, model, tmp_path)
        assert "clk_update_rate" in note(result, "memory_clock_kept")["detail"]
        verdicts = {layer["clock_shares"]["verdict"] for layer in result["baseline"]["profile"]["layers"]}
        assert verdicts <= {"compute", "not_compute"} and "not_compute" in verdicts
        assert "fixed_share" not in result["baseline"]["profile"]["clock_probe"]["frame"]
        assert all("emc_hz" not in point for point in result["baseline"]["profile"]["clock_probe"]["points"])
        doctor = nitro("doctor", "--device", board.device, env=board.environment).stdout.decode()
    assert "clock of the memory" in doctor
    line = next(line for line in doctor.splitlines() if "NOPASSWD" in line)
    for file in (GPU + "max_freq", GPU + "min_freq", "sys/kernel/debug/clk/override.emc/clk_state"):
        assert f"/usr/bin/tee {board.folder}/board/{file}" in line
    assert f"/bin/cat {board.folder}/board/sys/kernel/debug/clk/emc/clk_rate" in line


def test_a_gpu_that_its_user_may_not_set_is_refused_at_once(board, model):  # noqa: F811
    file = board.folder / "board" / GPU / "max_freq"
    with forbidden(board, GPU + "max_freq"):
        file.unlink()
        file.symlink_to("/proc/sys/kernel/ngroups_max")  # a number that not even root may write
        done = board.run("profile", model, "--probe-clocks")
        file.unlink()
        file.write_text(NANO[GPU + "max_freq"] + "\n")
    assert done.returncode == 4 and not done.stdout
    assert b"may not be written" in done.stderr and b"NOPASSWD" in done.stderr


@contextlib.contextmanager
def forbidden(board, file):  # noqa: F811
    (board.folder / "forbidden").write_text(f"{board.folder}/board/{file}\n")
    yield
    (board.folder / "forbidden").unlink()


def test_a_clock_that_does_not_follow_is_a_note(board, model, tmp_path):  # noqa: F811
    file = board.folder / "board" / GPU / "cur_freq"
    file.unlink()
    file.write_text("614400000\n")
    result, text = probe(board, model, tmp_path)
    file.unlink()
    file.symlink_to("max_freq")
    assert "wanted 307.2 and 1600.0 MHz, read 614.4" in note(result, "clock_not_followed")["detail"]
    assert "frame" not in result["baseline"]["profile"]["clock_probe"]
    assert all("clock_shares" not in layer for layer in result["baseline"]["profile"]["layers"])


def test_clocks_that_are_locked_are_so_again(board, model, tmp_path):  # noqa: F811
    (board.folder / "clocks").unlink(missing_ok=True)
    result, _ = probe(board, model, tmp_path, "--lock-clocks")
    assert result["baseline"]["profile"]["clock_probe"]["frame"]
    wait_for(lambda: not list(board.sessions()))
    assert calls_of_clocks(board)[-3:] == ["--store", "", "--restore"]


def test_an_interrupt_sets_them_back(board, model):  # noqa: F811
    process = start(board, model)
    wait_for(lambda: low(board))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    wait_for(lambda: clocks(board) == as_before())


def test_a_second_interrupt_too(board, model):  # noqa: F811
    process = start(board, model)
    wait_for(lambda: low(board))
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    process.communicate(timeout=60)
    wait_for(lambda: clocks(board) == as_before())


def test_an_agent_that_crashes_sets_them_back(board, model):  # noqa: F811
    process = start(board, model)
    wait_for(lambda: low(board))
    pid = next(board.sessions("pid"))
    os.kill(int(pid.read_text()), signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 4 and b"signal" in err or b"exit code" in err
    wait_for(lambda: clocks(board) == as_before())


def test_a_probe_goes_on_after_a_lost_connection(board, model, tmp_path):  # noqa: F811
    process = start(board, model)
    wait_for(lambda: low(board))
    board.cut()
    time.sleep(0.5)
    board.start()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    assert json.loads(out)["baseline"]["profile"]["clock_probe"]["frame"]


def test_a_lost_connection_of_which_the_board_knows_nothing(board, model):  # noqa: F811
    process = start(board, model)
    wait_for(lambda: low(board))
    lost = next(board.sessions("pid"))
    frozen = [pid for pid in board.serving() if pid != board.server.pid]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    out, err = process.communicate(timeout=180)
    for pid in frozen:
        os.kill(pid, signal.SIGKILL)
    assert process.returncode == 0, err.decode()
    assert not lost.exists()


def test_without_a_board_it_is_refused(board, model):  # noqa: F811
    done = nitro("profile", model, "--probe-clocks")
    assert done.returncode == 2 and b"--device ssh://user@host" in done.stderr
    devfreq = board.folder / "board/sys/class/devfreq"
    devfreq.rename(devfreq.with_name("away"))
    done = board.run("profile", model, "--probe-clocks")
    devfreq.with_name("away").rename(devfreq)
    assert done.returncode == 2 and b"cannot be probed" in done.stderr
