"""python -m nitro.sampler, as a process: what it proposes, keeps and refuses, also after a kill."""

import pathlib
import signal

import pytest

pytest.importorskip("optuna")

from asked import Asked  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIMENSIONS = [
    {"name": "prune", "choices": ["off", "on"]},
    {"name": "prune.ratio", "low": 0.1, "high": 0.5, "step": 0.1, "when": "prune"},
    {"name": "heads", "low": 1, "high": 8, "step": 1},
]


class Sampler(Asked):
    def __init__(self, folder, **overrides):
        self.folder = folder
        super().__init__("nitro.sampler")
        self.opened = self.ask("open", **{
            "storage": f"sqlite:///{folder}/search.db", "study": "swin", "sampler": "tpe", "seed": 1,
            "objectives": ["latency_ns"], "dimensions": DIMENSIONS, "identity": {"model_sha256": "m"},
            "resume": True, **overrides})

    def tell(self, number, value, **members):
        return self.ask("tell", **{"number": number, "state": "complete", "values": [value], "constraints": {},
                                   "attributes": {"trial": {"value": value}}, **members})

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        reply = self.ask("close")
        assert self.process.wait(30) == 0
        return reply


@pytest.fixture(name="start")
def starting(tmp_path):
    started = []

    def start(**overrides):
        started.append(Sampler(tmp_path, **overrides))
        return started[-1]

    yield start
    for sampler in started:
        sampler.kill()


def cost(parameters):
    return abs(parameters["heads"] - 6) + (1 - parameters.get("prune.ratio", 0))


@pytest.mark.parametrize("name", ["tpe", "nsga2"])
def test_what_it_proposes_gets_better_and_lies_in_the_space(start, name):
    sampler = start(sampler=name)
    costs = []
    for _ in range(50):
        trial = sampler.ask("ask")
        assert trial["ok"], trial
        parameters = trial["parameters"]
        assert ("prune.ratio" in parameters) == (parameters["prune"] == "on")
        assert 0.1 <= parameters.get("prune.ratio", 0.1) <= 0.5 and 1 <= parameters["heads"] <= 8
        costs.append(cost(parameters))
        assert sampler.tell(trial["number"], costs[-1])["ok"]
    assert min(costs) <= 1.7
    assert sum(costs[-15:]) < sum(costs[:15])
    assert sampler.close()["ok"]


def test_limits_keep_it_from_what_is_beyond_them(start):
    sampler = start()
    away = []
    for _ in range(50):
        trial = sampler.ask("ask")
        heads = trial["parameters"]["heads"]
        away.append(abs(heads - 5))
        # Fewer heads are faster, but less than 5 are beyond the limit.
        sampler.tell(trial["number"], heads, constraints={"max_drop": 5 - heads})
    assert sum(away[-20:]) < 0.75 * sum(away[:20])


def test_what_is_enqueued_comes_first_and_once(start):
    sampler = start()
    points = [{"prune": "off", "heads": 3}, {"prune": "on", "prune.ratio": 0.2, "heads": 4}]
    for point in points + points:
        assert sampler.ask("enqueue", parameters=point, attributes={"varied": {"step": "prune"}})["ok"]
    for point in points:
        trial = sampler.ask("ask")
        assert trial["parameters"] == point
        assert trial["attributes"]["varied"] == {"step": "prune"}
        sampler.tell(trial["number"], 1)
    sampler.ask("enqueue", parameters=points[0], attributes={})
    assert "varied" not in sampler.ask("ask")["attributes"]


def test_after_a_kill_nothing_is_lost_or_counted_twice(start):
    sampler = start()
    sampler.ask("enqueue", parameters={"prune": "off", "heads": 3}, attributes={"varied": {}})
    told = sampler.ask("ask")
    sampler.tell(told["number"], 3)
    lost = sampler.ask("ask")
    sampler.kill()
    second = start()
    assert second.opened["again"] == 1
    finished = [trial for trial in second.opened["trials"] if "trial" in trial["attributes"]]
    assert [(trial["number"], trial["parameters"], trial["state"]) for trial in finished] == [
        (told["number"], told["parameters"], "complete")]
    asked = second.ask("ask")
    assert asked["parameters"] == lost["parameters"]
    assert asked["attributes"]["retry_of"] == lost["number"]
    second.kill()
    third = start()
    assert third.opened["again"] == 1
    trial = third.ask("ask")
    assert trial["parameters"] == lost["parameters"] and trial["attributes"]["attempt"] == 3
    third.kill()
    fourth = start()
    assert fourth.opened["again"] == 0, "what ends every search is given up"


def test_another_search_is_refused(start):
    sampler = start()
    sampler.tell(sampler.ask("ask")["number"], 1)
    sampler.close()
    assert start(resume=False).opened["error"]["code"] == "usage"
    for overrides in ({"identity": {"model_sha256": "other"}}, {"dimensions": DIMENSIONS[2:]},
                      {"objectives": ["latency_ns", "worst_loss"]}):
        opened = start(**overrides).opened
        assert not opened["ok"], overrides
    assert start().opened["ok"]


@pytest.mark.parametrize("line", [
    "{", "[]", "1", '"ask"', "{}", '{"verb": "fly"}', '{"verb": "tell"}', '{"verb": "tell", "number": 99}',
    '{"verb": "enqueue", "parameters": 1}', '{"verb": "tell", "number": [1]}', "[" * 5000, '{"verb": 1}',
])
def test_a_malformed_line_is_answered_and_survived(start, line):
    sampler = start()
    assert sampler.send(line)["ok"] is False
    assert sampler.ask("ask")["ok"]


@pytest.mark.parametrize("overrides", [
    {"dimensions": [{}]}, {"dimensions": [{"name": "a"}]}, {"dimensions": [{"name": "a", "choices": []}]},
    {"dimensions": [{"name": "a", "choices": [1]}]}, {"dimensions": [{"name": "a", "low": 2, "high": 1, "step": 1}]},
    {"sampler": "grid"}, {"storage": "nowhere"}, {"storage": "sqlite:////nonexistent/folder/x.db"},
])
def test_what_cannot_be_opened_is_refused(start, overrides):
    sampler = start(**overrides)
    assert not sampler.opened["ok"]
    assert sampler.ask("ask")["error"]["code"] == "usage", "open comes first"
