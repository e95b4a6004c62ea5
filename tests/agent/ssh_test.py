"""A board at the other end of ssh: a real sshd on loopback, and as its agent the runner `cuda` of this
program with a driver that has no GPU.

Run with pytest. NITRO_BINARY names the program; without it build/release/nitro is taken.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "cli"), str(HERE.parent / "fake_cuda")]
import agent_test  # noqa: E402
import cli_models as models  # noqa: E402
from cli_test import NITRO, nitro  # noqa: E402
import validate_result  # noqa: E402
from agent_test import agent, board as emulated_driver  # noqa: E402, F401
from fake_cuda_test import gpu  # noqa: E402, F401

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


GPU = "sys/class/devfreq/57000000.gpu/"
SENSOR = "sys/bus/i2c/devices/6-0040/"
NANO = {  # files of a Jetson Nano, in its 5 W mode
    "etc/nv_tegra_release": "# R32 (release), REVISION: 7.1, GCID: 29818004, BOARD: t210ref",
    "proc/device-tree/model": "NVIDIA Jetson Nano Developer Kit",
    "var/lib/nvpmodel/status": "pmode:0001",
    "etc/nvpmodel.conf": "< POWER_MODEL ID=0 NAME=MAXN >\nGPU MAX_FREQ -1\n< POWER_MODEL ID=1 NAME=5W >\nGPU MAX_FREQ 640000000",
    "proc/device-tree/compatible": "nvidia,p3450-0000\0nvidia,jetson-nano\0nvidia,tegra210",
    GPU + "min_freq": "76800000",
    GPU + "max_freq": "640000000",
    GPU + "available_frequencies": " ".join(str(76800000 * i) for i in range(1, 13)),
    "sys/kernel/debug": "a folder that only root may look into",
    SENSOR + "name": "ina3221x",
    SENSOR + "iio:device0/rail_name_0": "POM_5V_IN",
    SENSOR + "iio:device0/in_power0_input": "4100",
    SENSOR + "iio:device0/rail_name_1": "POM_5V_GPU",
    SENSOR + "iio:device0/in_power1_input": "1500",
}

TEGRASTATS = ("RAM 534/3964MB (lfb 98x4MB) SWAP 5/1982MB (cached 1MB) CPU [16%@204,9%@204,0%@204,0%@204] EMC_FREQ 0% "
              "GR3D_FREQ 0% PLL@34C CPU@36.5C PMIC@100C GPU@36C AO@39.5C POM_5V_IN 1022/1022")


ROOTS = {  # what is really in that folder
    "tegra_bwmgr/emc_max_rate": "1600000000",
    "clk/override.emc/clk_state": "0",
    "clk/override.emc/clk_update_rate": "1600000000",
    "clk/emc/clk_possible_rates": "204000 408000 665600 800000 1065600 1331200 ... 1600000 (kHz)",
}
LINKS = {  # what the kernel shows of what is set
    "board/" + GPU + "cur_freq": "max_freq",
    "roots/clk/override.emc/clk_rate": "clk_update_rate",
    "roots/clk/emc/clk_rate": "../override.emc/clk_update_rate",
}
# With root's view; says no to the files that are listed in the file `forbidden`.
SUDO = """#!/bin/sh
shift
if grep -q -s -x -F -e "$2" FOLDER/forbidden; then echo 'sudo: a password is required' >&2; exit 1; fi
echo "$1 $2" >> FOLDER/sudo.log
case "$2" in FOLDER/board/sys/kernel/debug/*)
  set -- "$1" "FOLDER/roots/${2#FOLDER/board/sys/kernel/debug/}"
  [ -e "$2" ] || exit 1
esac
[ "$1" != cat ] || cat > /dev/null  # as sudo may, of what is on its stdin
if [ "$1" = tee ]; then  # to be opened changes no file of /sys
  said=$(cat)
  [ -z "$said" ] || echo "$said" > "$2"
  exit
fi
exec "$@"
"""


class Board:
    """An sshd of our own, that lets one key in, with a home folder of its own for the session."""

    def __init__(self, folder, driver):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
        (folder / "authorized").write_text((folder / "user.pub").read_text())
        (folder / "home").mkdir()
        # The session's own home and driver, whoever runs the test.
        (folder / "shell").write_text(
            "#!/bin/sh\n" + "".join(f"export {k}='{v}'\n" for k, v in driver.items()) +
            f"export FAKE_GPU_CLOCK='{folder}/board/{GPU}cur_freq' FAKE_EMC_CLOCK='{folder}/roots/clk/emc/clk_rate'\n" +
            f"export NITRO_BOARD_ROOT='{folder}/board' PATH='{folder}/bin':\"$PATH\" TMPDIR='{folder}/tmp'\n" +
            f"export HOME='{folder}/home'\ncd \"$HOME\"\nexec sh -c \"$SSH_ORIGINAL_COMMAND\"\n")
        (folder / "shell").chmod(0o755)
        for place, files in (("board", NANO), ("roots", ROOTS)):
            for file, content in files.items():
                (folder / place / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / place / file).write_text(content + "\n")
        for file, target in LINKS.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).symlink_to(target)
        (folder / "bin").mkdir()
        (folder / "tmp").mkdir()
        tegrastats = f"#!/bin/sh\necho $$ > {folder}/tegrastats.pid\necho '{TEGRASTATS}'\nexec sleep 1000\n"
        jetson_clocks = f'#!/bin/sh\necho "jetson_clocks $1" >> {folder}/clocks\n[ -z "$2" ] || touch "$2"\n'
        for name, script in (("sudo", SUDO.replace("FOLDER", str(folder))), ("tegrastats", tegrastats),
                             ("jetson_clocks", jetson_clocks)):
            (folder / "bin" / name).write_text(script)
            (folder / "bin" / name).chmod(0o755)
        (folder / "agent").write_text(f"#!/bin/sh\nexec '{NITRO}' runner cuda\n")
        (folder / "agent").chmod(0o755)
        (folder / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
            f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
            f"KbdInteractiveAuthentication no\nForceCommand {folder}/shell\n")
        (folder / "ssh_config").write_text(
            f"IdentityFile {folder}/user\nIdentitiesOnly yes\nUserKnownHostsFile {folder}/known\n"
            "GlobalKnownHostsFile /dev/null\n")
        self.know(self.folder / "host.pub")
        self.server = None
        self.start()

    def know(self, key):
        kind, value = key.read_text().split()[:2]
        (self.folder / "known").write_text(f"[127.0.0.1]:{self.port} {kind} {value}\n")

    def start(self):
        os.makedirs("/run/sshd", exist_ok=True)
        self.server = subprocess.Popen([SSHD, "-D", "-e", "-f", self.folder / "sshd_config"],
                                       stderr=open(self.folder / "log", "a"), start_new_session=True)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail((self.folder / "log").read_text())

    def stop(self):
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()

    def sessions(self, file=""):
        """Their folders, or files in them."""
        return (self.folder / "tmp").glob("nitro-????????/" + file)

    def serving(self):
        """The processes of the server and of its connections."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,comm="], capture_output=True, text=True).stdout.splitlines()
        rows = [(int(pid), int(parent), name) for pid, parent, name in (line.split(None, 2) for line in listed)]
        below = {self.server.pid}
        while more := {pid for pid, parent, _ in rows if parent in below} - below:
            below |= more
        return [pid for pid, _, name in rows if pid in below and "sshd" in name]

    def cut(self):
        """The server and what serves its connections go at once."""
        for pid in self.serving():
            os.kill(pid, signal.SIGKILL)
        self.server.wait()

    @property
    def device(self):
        return f"ssh://127.0.0.1:{self.port}"

    @property
    def environment(self):
        return {"NITRO_SSH_CONFIG": str(self.folder / "ssh_config"), "NITRO_AGENT": str(self.folder / "agent")}

    def run(self, *words, **options):
        return nitro(*words, "--device", self.device, env=self.environment, **options)


@pytest.fixture(scope="module")
def board(tmp_path_factory, gpu):  # noqa: F811
    if not os.path.exists(SSHD) or os.geteuid() != 0:
        pytest.skip("no sshd that this user may start")
    made = Board(tmp_path_factory.mktemp("board"), gpu)
    yield made
    made.stop()


@pytest.fixture
def model(tmp_path):
    return models.patch_model(tmp_path / "patch.onnx")


def test_a_model_runs_and_is_profiled_there(board, model, tmp_path):
    done = board.run("run", model, "--json", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr.decode()
    outputs = json.loads(done.stdout)["outputs"]
    assert outputs and all(output["greatest"] == 0 for output in outputs)
    done = board.run("profile", model, "--repetitions", 2, "-o", tmp_path / "result.json")
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["runner"]["environment"]["reached_by"] == board.device
    assert result["runner"]["environment"]["device"] == "Fake GPU"
    assert result["baseline"]["profile"]["attributed_share"] == 1
    record = result["runner"]["environment"]["board"]
    assert record["jetpack"] == "4.6.1" and record["gpu_mhz"]["most"] == 640
    assert {"temperatures_c", "swap_used_bytes", "largest_free_blocks"} <= set(record["from_tegrastats"])
    assert record["temperatures_c"]["GPU"] == 36 and record["power_mw"]["POM_5V_IN"] == 4100, "files come first"
    assert not os.path.exists("/proc/" + (board.folder / "tegrastats.pid").read_text().strip())
    assert {"clock_unlocked", "power_mode"} <= {note["code"] for note in result["quality_notes"]}
    energy, time_ns = result["baseline"]["energy"], result["baseline"]["summary"]["median_ns"]
    assert energy["power_mw"] == energy["idle_power_mw"] == 4100, "the whole board's rail, and not the sum"
    assert energy["frame_mj"] == pytest.approx(4100 * time_ns / 1e9) and energy["frame_net_mj"] == 0
    assert b"mJ/frame" in done.stdout
    assert validate_result.main([tmp_path / "result.json"]) in (0, 77)
    wait_for(lambda: not list(board.sessions()))
    assert not list(board.sessions()), "the session's folder went with it"
    agents = list((board.folder / "home/.cache/nitro").iterdir())
    assert len(agents) == 1 and agents[0].name.startswith("agent-"), "copied once, whole"


def test_a_board_is_calibrated_in_minutes(board, model, tmp_path):
    file = tmp_path / "my-nano.toml"
    done = board.run("devices", "calibrate", "--quick", "-o", file, "--json")
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert not found["left_out"] and len(found["benchmarks"]) > 40 and found["spread"] >= 0.02
    assert {"clock_unlocked", "power_mode"} <= {note["code"] for note in found["quality_notes"]}
    assert file.read_text() == found["toml"]
    assert 'title = "NVIDIA Jetson Nano Developer Kit, power mode 1"' in found["toml"]
    assert "gpu_mhz = 640" in found["toml"] and "[rates.nitro]" in found["toml"]
    off = {row["name"]: row["after_ns"] / row["measured_ns"] for row in found["benchmarks"]}
    assert off["64 products 32x32x32"] == pytest.approx(1, abs=0.15), "each step takes the same there"

    def predicted(*words):
        return json.loads(nitro("predict", model, "--runtime", "nitro", "--json", *words).stdout)
    here, shipped = predicted("--device", file), predicted("--device", "jetson-nano")
    assert here["measured_device"] and "nitro devices calibrate" in here["rates"]
    assert here["high_ns"] / here["low_ns"] < shipped["high_ns"] / shipped["low_ns"]
    before = file.read_text()
    done = board.run("devices", "calibrate", "-o", file)
    assert done.returncode == 2 and b"--force" in done.stderr and file.read_text() == before


def test_clocks_are_fixed_and_set_back(board, model):
    done = board.run("run", model, "--lock-clocks")
    assert done.returncode == 0, done.stderr.decode()
    wait_for(lambda: len(calls_of_clocks(board)) == 3)
    assert calls_of_clocks(board) == ["--store", "", "--restore"]


def test_clocks_are_set_back_after_an_interrupt(board, model):
    (board.folder / "clocks").unlink(missing_ok=True)
    process = subprocess.Popen(
        [NITRO, "profile", model, "--device", board.device, "--lock-clocks", "--duration", "60"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ, **board.environment))
    wait_for(lambda: list(board.sessions("file-1.npy")))
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    process.wait(timeout=30)
    wait_for(lambda: calls_of_clocks(board)[-1:] == ["--restore"])
    wait_for(lambda: not list(board.sessions()))


def test_clocks_that_cannot_be_fixed(board, model):
    sudo = board.folder / "bin/sudo"
    before = sudo.read_text()
    sudo.write_text("#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n")
    done = board.run("run", model, "--lock-clocks")
    sudo.write_text(before)
    assert done.returncode == 4 and b"sudoers" in done.stderr
    assert nitro("run", model, "--lock-clocks").returncode == 2


def calls_of_clocks(board):
    log = board.folder / "clocks"
    return [line.partition(" ")[2] for line in log.read_text().splitlines()] if log.exists() else []


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@agent_test.pytestmark
def test_the_agent_for_boards_runs_there(board, model, agent, emulated_driver, tmp_path):  # noqa: F811
    script = tmp_path / "agent"
    words = " ".join(f"'{word}'" for word in agent)
    script.write_text("#!/bin/sh\n" + "".join(f"export {k}='{v}'\n" for k, v in emulated_driver.items()) +
                      f"exec {words}\n")
    environment = dict(board.environment, NITRO_AGENT=str(script))
    done = nitro("profile", model, "--device", board.device, "--repetitions", 1, "-o", tmp_path / "result.json",
                 env=environment)
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["runner"]["environment"]["cpu"] == "aarch64"
    assert result["baseline"]["profile"]["attributed_share"] == 1


def test_doctor_says_what_to_set(board):
    done = nitro("doctor", "--device", board.device, env=board.environment)
    text = " ".join(done.stdout.decode().split())
    assert "NVIDIA Jetson Nano Developer Kit, L4T 32.7.1 (JetPack 4.6.1), power mode 1 (5W)" in text
    assert "the fastest: sudo nvpmodel -m 0 (MAXN)" in text


def test_both_sides_of_optimize_are_measured_there(board, model, tmp_path):
    done = board.run("optimize", model, "--repetitions", 2, "--ablation-repetitions", 1, "-o", tmp_path, "--json")
    result = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr.decode()
    assert result["runner"]["environment"]["device"] == "Fake GPU"
    assert (tmp_path / "patch.opt.onnx").exists() and result["numerics"]


def test_a_board_whose_key_is_not_known_is_refused(board, model):
    (board.folder / "known").write_text("")
    done = board.run("run", model)
    assert done.returncode == 4 and b"key is not known" in done.stderr and not done.stdout
    board.know(board.folder / "user.pub")
    done = board.run("run", model)
    assert done.returncode == 4 and b"ssh-keygen -R" in done.stderr, "another key than before"
    board.know(board.folder / "host.pub")


def test_a_board_that_does_not_let_us_in(board, model):
    (board.folder / "authorized").write_text("")
    done = board.run("run", model)
    assert done.returncode == 4 and b"without a password" in done.stderr and b"ssh-copy-id" in done.stderr
    (board.folder / "authorized").write_text((board.folder / "user.pub").read_text())


@pytest.mark.parametrize("address", ["ssh://", "ssh://-oProxyCommand=true", "ssh://a b", "ssh://host:0",
                                     "ssh://host:99999", "ssh://u;x@host", "jetson-nano", "somewhere"])
def test_addresses_that_are_none(model, address):
    done = nitro("run", model, "--device", address)
    assert done.returncode in (2, 4) and not done.stdout
    assert b"ssh://user@host" in done.stderr


def test_an_unreachable_board(model):
    done = nitro("run", model, "--device", "ssh://127.0.0.1:1")
    assert done.returncode == 4 and b"cannot be reached" in done.stderr


def test_an_agent_that_cannot_run_says_why(board, model, tmp_path):
    (tmp_path / "agent").write_text("#!/bin/sh\necho no such board >&2\nexit 3\n")
    (tmp_path / "agent").chmod(0o755)
    environment = dict(board.environment, NITRO_AGENT=str(tmp_path / "agent"))
    done = nitro("run", model, "--device", board.device, env=environment)
    assert done.returncode == 4 and b"no such board" in done.stderr


def test_work_goes_on_after_a_lost_connection(board, model, tmp_path):
    environment = dict(os.environ, **board.environment)
    process = subprocess.Popen(
        [NITRO, "profile", model, "--device", board.device, "--repetitions", "2", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    wait_for(lambda: list(board.sessions("file-1.npy")))
    time.sleep(0.2)  # it is being timed
    board.cut()
    time.sleep(0.5)
    board.start()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    assert json.loads(out)["runner"]["environment"]["reached_by"] == board.device
