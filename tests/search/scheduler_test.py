"""The scheduling of a fleet, without Ray: whatever devices do, each trial is over once."""

import collections
import pathlib
import random
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))
from nitro.fleet import simulation  # noqa: E402
from nitro.fleet.cluster import check, places_of  # noqa: E402
from nitro.fleet.scheduler import Scheduler  # noqa: E402
from nitro.runners.errors import RunnerError  # noqa: E402


@pytest.fixture(name="scheduler")
def with_two_devices():
    scheduler = Scheduler(floor=100)
    for name in ("a", "b"):
        scheduler.join(name)
    return scheduler


def begun(scheduler, now=0.0):
    return {(name, number) for name, number, _ in scheduler.assign(now)}


def test_each_device_has_one_trial_at_a_time(scheduler):
    for number in range(3):
        scheduler.submit(number, {"of": number})
    assert scheduler.assign(0) == [("a", 0, {"of": 0}), ("b", 1, {"of": 1})]
    assert scheduler.assign(1) == []
    assert scheduler.answered("b", 1, "result", 2)
    assert begun(scheduler, 2) == {("b", 2)}
    answer = scheduler.take()
    assert (answer.number, answer.device, answer.reply, answer.error) == (1, "b", "result", "")
    assert scheduler.take() is None


def test_a_trial_is_submitted_once(scheduler):
    scheduler.submit(1, None)
    with pytest.raises(ValueError):
        scheduler.submit(1, None)


def test_what_a_lost_device_measured_goes_to_another(scheduler):
    scheduler.submit(0, None)
    assert begun(scheduler) == {("a", 0)}
    scheduler.leave("a", "unplugged")
    scheduler.join("a")
    assert begun(scheduler, 1) == {("b", 0)}, "not to the one that lost it"
    assert scheduler.answered("b", 0, "result", 2)
    assert scheduler.take().number == 0 and scheduler.retries == 1


def test_the_only_device_tries_again_what_it_lost():
    scheduler = Scheduler(floor=100)
    scheduler.join("a")
    scheduler.submit(0, None)
    for now in range(2):
        assert begun(scheduler, now) == {("a", 0)}
        scheduler.failed("a", 0, "its worker ended")
    assert begun(scheduler, 3) == {("a", 0)}
    scheduler.failed("a", 0, "its worker ended")
    answer = scheduler.take()
    assert "3 attempts" in answer.error and "a: its worker ended" in answer.error
    assert begun(scheduler, 4) == set()


def test_a_slow_device_gets_help_and_the_late_answer_is_a_duplicate(scheduler):
    scheduler.submit(0, None)
    assert begun(scheduler) == {("a", 0)}
    assert scheduler.hanging(99) == [] and begun(scheduler, 99) == set()
    assert scheduler.hanging(100) == [] and begun(scheduler, 100) == {("b", 0)}
    assert scheduler.answered("b", 0, "second", 110)
    assert not scheduler.answered("a", 0, "first", 120)
    assert scheduler.take().reply == "second" and scheduler.take() is None
    assert scheduler.duplicates == 1
    scheduler.submit(1, None)
    scheduler.submit(2, None)
    assert len(begun(scheduler, 121)) == 2, "both are free again"


def test_the_late_answer_may_come_first(scheduler):
    scheduler.submit(0, None)
    begun(scheduler)
    scheduler.hanging(100)
    assert begun(scheduler, 100) == {("b", 0)}
    assert scheduler.answered("a", 0, "first", 110)
    assert scheduler.take().reply == "first"
    assert not scheduler.answered("b", 0, "second", 120)
    assert not scheduler.answered("b", 0, "second", 120), "sent twice"
    assert scheduler.take() is None and scheduler.duplicates == 2


def test_the_answer_of_a_device_that_is_gone_counts_while_nobody_else_has_one(scheduler):
    scheduler.submit(0, None)
    begun(scheduler)
    scheduler.leave("a", "unplugged")
    assert scheduler.answered("a", 0, "sent before", 1)
    assert scheduler.take().reply == "sent before"
    assert begun(scheduler, 2) == set(), "no other attempt is needed"


def test_who_has_nothing_to_do_helps_with_what_takes_long(scheduler):
    scheduler.submit(0, None)
    scheduler.submit(1, None)
    assert begun(scheduler) == {("a", 0), ("b", 1)}
    scheduler.answered("b", 1, None, 10)
    for now in (11, 20):
        scheduler.help(now)
        assert begun(scheduler, now) == set(), "not twice the median yet"
    scheduler.help(21)
    assert begun(scheduler, 21) == {("b", 0)}
    assert scheduler.hanging(100) == [] and begun(scheduler, 100) == set(), "once is enough"


def test_one_that_never_answers_is_to_be_ended(scheduler):
    scheduler.submit(0, None)
    begun(scheduler)
    assert scheduler.hanging(100) == []
    begun(scheduler, 100)
    assert scheduler.hanging(599) == []
    assert scheduler.hanging(600) == ["a"]


def test_limits_follow_what_trials_take(scheduler):
    assert scheduler.limit("a") == 100
    for number in range(3):
        scheduler.submit(number, None)
        for name, _ in begun(scheduler, 1000 * number):
            scheduler.answered(name, number, None, 1000 * number + 50)
    assert scheduler.limit("a") == 500, "ten times the median"


@pytest.mark.parametrize("seed", range(30))
def test_nothing_is_lost_or_counted_twice_whatever_happens(seed):
    print("seed", seed)
    rng = random.Random(seed)
    scheduler = Scheduler(floor=rng.choice([1, 20, 1000]))
    counted, running, now, submitted = collections.Counter(), [], 0.0, 0
    for name in "abcd":
        scheduler.join(name)
    while len(counted) < 60:
        now += rng.random() * 5
        if submitted < 60 and rng.random() < 0.5:
            scheduler.submit(submitted, submitted)
            submitted += 1
        for name in scheduler.hanging(now):
            scheduler.leave(name, "hangs")
        if rng.random() < 0.1:
            scheduler.help(now)
        for name, number, request in scheduler.assign(now):
            assert request == number and name in scheduler.devices
            running.append((name, number))
        if running and rng.random() < 0.6:
            name, number = rng.choice(running)
            device = scheduler.devices.get(name)
            measures = device and device.attempt and device.attempt.number == number
            if rng.random() < 0.8 or not measures:
                scheduler.answered(name, number, (name, number), now)  # and maybe again later
            elif rng.random() < 0.5:
                scheduler.failed(name, number, "failed")
            else:
                scheduler.leave(name, "lost")
        for name in "abcd":
            if name not in scheduler.devices and rng.random() < 0.3:
                scheduler.join(name)
        while (answer := scheduler.take()) is not None:
            counted[answer.number] += 1
            assert answer.error or answer.reply[1] == answer.number
    assert set(counted) == set(range(60)) and set(counted.values()) == {1}


def test_the_simulation_loses_nothing():
    setting = simulation.Setting(devices=50, trials_per_device=10, loss=0.1, twice=0.2, slow=0.1)
    outcome = simulation.Simulation(setting).run()
    assert outcome.lost(500) == 0 and outcome.twice() == 0
    assert outcome.retries > 0 and outcome.duplicates > 0
    assert 0 < outcome.useful_s <= outcome.seconds * 50


def test_it_prints_a_line_for_each_fleet(capsys):
    simulation.main(["--devices", "1,20", "--loss", "0", "--slow", "0", "--twice", "0", "--trials-per-device", "5"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["1", "5"], ["20", "100"]]


def test_without_ray_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RunnerError) as raised:
        check("local")
    assert raised.value.code == "environment" and "bootstrap.sh fleet" in raised.value.hint


def node(name, resources, alive=True):
    return {"NodeManagerHostname": name, "NodeID": name * 8, "Alive": alive, "Resources": {f"node:{name}": 1.0, **resources}}


def test_devices_are_what_nodes_say_or_one_of_each():
    plain = [node("a", {"CPU": 4.0}), node("b", {"node:__internal_head__": 1.0}), node("c", {}, alive=False)]
    assert [(place.name, place.resource) for place in places_of(plain)] == [("a/aaaaaa", "node:a"), ("b/bbbbbb", "node:b")]
    said = plain + [node("d", {"nitro_device": 2.0}), node("e", {"nitro_device:ssh://jetson@nano": 1.0})]
    assert [(place.name, place.resource, place.board) for place in places_of(said)] == [
        ("d/dddddd", "nitro_device", ""), ("d/dddddd#2", "nitro_device", ""),
        ("ssh://jetson@nano", "nitro_device:ssh://jetson@nano", "ssh://jetson@nano")]
    assert places_of([]) == []
