"""`python -m nitro.fleet` and `nitro search --fleet` on a real Ray cluster of several nodes on this machine."""

import collections
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
for package in ("ray", "optuna", "numpy", "onnx", "PIL", "onnxruntime"):
    pytest.importorskip(package)
from ray.cluster_utils import Cluster  # noqa: E402

from asked import Asked  # noqa: E402
from search_test import command, environment, search_words, stored_trials  # noqa: E402

STORE = 80 << 20


@pytest.fixture(name="client_port", scope="module")
def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


@pytest.fixture(name="cluster", scope="module")
def three_nodes(client_port):
    """The head has no device, the two others have one each."""
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"  # with it the server for ray:// fails now and then
    soon = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 300, "health_check_failure_threshold": 3}
    cluster = Cluster(initialize_head=True, head_node_args={
        "num_cpus": 1, "object_store_memory": STORE, "include_dashboard": False, "_system_config": soon,
        "ray_client_server_port": client_port})
    for _ in range(2):
        add_node(cluster)
    yield cluster
    cluster.shutdown()


def add_node(cluster, resource="nitro_device"):
    return cluster.add_node(num_cpus=1, object_store_memory=STORE, resources={resource: 1})


class Fleet(Asked):
    def __init__(self, address, begun, **overrides):
        begun.mkdir(exist_ok=True)
        super().__init__("nitro.fleet")
        self.over = collections.Counter()
        self.trials = {}
        self.notes = []
        self.hello = self.ask("hello", address=address)
        self.opened = self.ask("open", **{
            "command": [sys.executable, str(HERE / "fake_worker.py"), str(begun)],
            "folder": str(begun), "environment": {}, "opening": {}, **overrides})

    def submit(self, *numbers, **request):
        for number in numbers:
            assert self.ask("submit", number=number, request={"number": number, **request})["ok"]

    def take(self, seconds=0.5):
        reply = self.ask("next", seconds=seconds)
        if not reply["ok"]:
            return reply
        self.notes += reply["notes"]
        if reply["trial"]:
            self.over[reply["trial"]["number"]] += 1
            self.trials[reply["trial"]["number"]] = reply["trial"]
        return reply

    def take_all(self, count, until=60):
        end = time.monotonic() + until
        while len(self.over) < count and time.monotonic() < end:
            assert self.take()["ok"]
        assert sorted(self.over.elements()) == list(range(count)), "each once"

    def close(self):
        reply = self.ask("close")
        assert self.process.wait(30) == 0
        return reply


@pytest.fixture(name="start")
def starting(cluster, tmp_path):
    fleets = []

    def start(address=cluster.address, **overrides):
        fleets.append(Fleet(address, tmp_path / "folder", **overrides))
        return fleets[-1]

    yield start
    for fleet in fleets:
        fleet.process.kill()
        fleet.process.wait()


def began(fleet, folder, pattern, count=1):
    """The files of trials that have begun."""
    while len(found := sorted(folder.glob(pattern))) < count:
        fleet.take(0.1)
    return found


def test_all_trials_are_counted_once_on_all_devices(start):
    fleet = start()
    assert fleet.opened["devices"] == 2 and fleet.hello["ray"]
    fleet.submit(*range(10), seconds=0.3)
    fleet.take_all(10)
    for number, over in fleet.trials.items():
        assert over["trial"]["measured"] == number and over["device"]["original_ns"] == 5e6
    summary = fleet.close()
    assert sum(device["trials"] for device in summary["devices"]) == 10
    assert all(device["trials"] > 0 for device in summary["devices"])
    assert (summary["retries"], summary["duplicates"]) == (0, 0)


def test_a_worker_that_is_killed_is_started_again(start, tmp_path):
    fleet = start()
    fleet.submit(0, slow_once=60)
    fleet.submit(1, 2)
    (file,) = began(fleet, tmp_path / "folder", "0.*")
    os.kill(int(file.suffix[1:]), signal.SIGKILL)
    fleet.take_all(3)
    assert any("signal 9" in note for note in fleet.notes)
    assert fleet.close()["retries"] == 1


def test_a_node_that_is_killed_in_mid_trial_loses_nothing(cluster, start, tmp_path):
    node = add_node(cluster)
    fleet = start()
    assert fleet.opened["devices"] == 3
    fleet.submit(0, 1, 2, slow_once=5)
    began(fleet, tmp_path / "folder", "*.*", 3)
    cluster.remove_node(node, allow_graceful=False)
    fleet.submit(3, 4)
    fleet.take_all(5)
    summary = fleet.close()
    assert summary["retries"] == 1
    assert sum(bool(device["lost"]) for device in summary["devices"]) == 1


def test_a_board_that_comes_later_takes_part_under_its_name(cluster, start):
    fleet = start()
    node = add_node(cluster, "nitro_device:ssh://jetson@nano")
    fleet.submit(*range(16), seconds=0.5)
    fleet.take_all(16)
    cluster.remove_node(node)
    names = {device["name"] for device in fleet.close()["devices"]}
    assert len(names) == 3 and "ssh://jetson@nano" in names


def test_a_client_of_the_cluster_will_do(start, client_port):
    fleet = start(address=f"ray://127.0.0.1:{client_port}")
    fleet.submit(0, 1)
    fleet.take_all(2)
    assert fleet.close()["ok"]


def test_a_slow_one_gets_help_and_its_late_answer_is_dropped(start, tmp_path):
    fleet = start(floor_s=1)
    fleet.submit(0, slow_once=5)
    began(fleet, tmp_path / "folder", "0.*")
    fleet.take_all(1)
    assert fleet.trials[0]["trial"]["pid"] != int(sorted((tmp_path / "folder").glob("0.*"), key=os.path.getmtime)[0].suffix[1:])
    fleet.submit(1, 2, seconds=2)
    while not fleet.over[1] or not fleet.over[2]:
        fleet.take()
    summary = fleet.close()
    assert set(fleet.over.values()) == {1}
    assert summary["retries"] >= 1


def test_what_a_node_lacks_is_said_with_its_name(start, tmp_path):
    for overrides, message in (
            ({"folder": "/nowhere"}, "no folder /nowhere"),
            ({"opening": {"refused_by": str(tmp_path / "folder")}}, "model.onnx (share it)")):
        fleet = start(**overrides)
        fleet.submit(0)
        while (reply := fleet.take())["ok"]:
            pass
        assert reply["error"]["code"] == "environment" and message in reply["error"]["message"]
        assert reply["error"]["message"].count(message) == 2, "of each node"
        assert re.search(r"\S+/\w{6}: ", reply["error"]["message"])
        fleet.close()


@pytest.mark.parametrize("line", [
    "{", "[]", '"next"', "{}", '{"verb": "fly"}', '{"verb": "next"}', '{"verb": "submit"}', '{"verb": "submit", "number": "x"}',
    '{"verb": "open"}', '{"verb": "hello"}', '{"verb": "hello", "address": "nowhere"}',
])
def test_a_malformed_line_is_answered(line):
    process = subprocess.run([sys.executable, "-m", "nitro.fleet"], input=line + '\n{"verb": "close"}\n', text=True,
                             capture_output=True, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT / "python")})
    replies = [json.loads(reply) for reply in process.stdout.splitlines()]
    assert [reply["ok"] for reply in replies] == [False, True], process.stderr


@pytest.fixture(name="words", scope="module")
def arguments(tmp_path_factory):
    return search_words(tmp_path_factory.mktemp("fleet"))


def result_of(folder):
    return json.loads((folder / "colours.result.json").read_text())["search"]


def test_a_search_is_spread_and_killed_and_goes_on(cluster, words, tmp_path):
    searching = command(*words, "--max-drop", 20, "--trials", 6, "-o", tmp_path, "--resume", "--fleet", cluster.address)
    process = subprocess.Popen(searching, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(),
                               start_new_session=True)
    while process.poll() is None and not is_under_way(tmp_path):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    told = dict(stored_trials(tmp_path))["COMPLETE"]
    done = subprocess.run(searching, capture_output=True, timeout=300, env=environment(), text=True)
    assert done.returncode == 0, done.stderr
    search = result_of(tmp_path)
    assert len({trial["recipe"] for trial in search["trials"]}) == 6
    measured = [trial["recipe"] for trial in search["trials"] if trial["same_as"] is None]
    assert len(measured) == len(set(measured)), "nothing is measured twice"
    assert len({trial["number"] for trial in search["trials"]}) == len(search["trials"]) > told
    names = {device["name"] for device in search["fleet"]["devices"]}
    assert len(names) == 2
    assert sum(device["trials"] for device in search["fleet"]["devices"]) >= 6 - told - 1
    assert all(trial["device"]["name"] for trial in search["trials"] if trial["same_as"] is None)
    valid = subprocess.run([sys.executable, ROOT / "tests/validate_result.py", tmp_path / "colours.result.json"],
                           capture_output=True, check=False)
    assert valid.returncode in (0, 77), valid.stderr.decode()


def is_under_way(folder):
    """Whether trials were told, and others are being measured."""
    try:
        states = dict(stored_trials(folder))
    except sqlite3.Error:
        return False  # not there yet
    return states.get("COMPLETE", 0) >= 1 and states.get("RUNNING", 0) >= 1


def test_where_there_is_no_cluster_it_says_so(words, tmp_path):
    for address in ("127.0.0.1:1", "ray://nowhere"):
        done = subprocess.run(command(*words, "--max-drop", 20, "-o", tmp_path, "--fleet", address), capture_output=True,
                              timeout=120, env=environment(), text=True)
        assert done.returncode == 4 and "ray start --head" in done.stderr
