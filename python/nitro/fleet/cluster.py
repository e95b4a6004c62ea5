"""The devices of a Ray cluster: where they are, and an actor on each."""

from __future__ import annotations

import dataclasses
import importlib
import os
import socket

from nitro.fleet import worker
from nitro.runners.errors import RunnerError

DEVICE = "nitro_device"
BOARD = DEVICE + ":"  # followed by ssh://user@host: the board that is reached from there
PATIENCE = 10.0  # seconds
ATTEMPTS = 3  # to connect
SMALL_STORE = 80 << 20  # bytes; what goes between processes are a few lines


def import_ray():
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise RunnerError("environment", f"the Python package {error.name} is not installed",
                          "scripts/bootstrap.sh fleet, or pip install 'ray[client]'") from None


class LostError(Exception):
    """An actor that is gone: why, in a sentence."""


@dataclasses.dataclass(frozen=True)
class Place:
    """A device: the node whose actor measures on it, and what of the node's resources it holds meanwhile."""
    name: str
    node: str
    resource: str
    board: str = ""


def places_of(nodes: list[dict]) -> list[Place]:
    """The devices of Ray's `nodes`: as many on each as its resource nitro_device says, and each board; one where there are
    neither on any node."""
    alive = sorted((node for node in nodes if node["Alive"]), key=lambda node: (node["NodeManagerHostname"], node["NodeID"]))
    places = [place for node in alive for place in named_places(node)]
    return places or [Place(name_of(node), node["NodeID"], own_resource(node)) for node in alive]


def named_places(node: dict) -> list[Place]:
    places = []
    for resource, count in sorted(node["Resources"].items()):
        if resource == DEVICE:
            places += [Place(name_of(node) + (f"#{i + 1}" if i else ""), node["NodeID"], DEVICE) for i in range(int(count))]
        elif resource.startswith(BOARD):
            places.append(Place(resource.removeprefix(BOARD), node["NodeID"], resource, resource.removeprefix(BOARD)))
    return places


def name_of(node: dict) -> str:
    return f"{node['NodeManagerHostname']}/{node['NodeID'][:6]}"


def own_resource(node: dict) -> str:
    """What every node has one of, so that two searches do not measure there at once."""
    return next(name for name in node["Resources"] if name.startswith("node:") and not name.startswith("node:__"))


def check_reachable(address: str) -> None:
    """Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    socket.create_connection((host, int(port)), PATIENCE).close()


def check(address: str) -> str:
    """That there is a Ray here, and something at `address`; the version of Ray."""
    ray = import_ray()
    try:
        if address != "local":
            check_reachable(address)
    except (OSError, ValueError) as error:
        raise no_cluster(address, error) from None
    return ray.__version__


def no_cluster(address: str, error: Exception) -> RunnerError:
    return RunnerError("environment", f"no Ray cluster answers at {address}: {error}",
                       "--fleet takes ray://HOST:PORT, HOST:PORT or local; start one by `ray start --head`, "
                       "with the same versions of Python and Ray as here")


class Cluster:
    def __init__(self, address: str):
        """`address`: ray://HOST:PORT, HOST:PORT of a cluster that this machine belongs to, or "local"; check()ed before."""
        self._ray = import_ray()
        local = {"include_dashboard": False, "object_store_memory": SMALL_STORE}
        where = local if address == "local" else {"address": address}
        for attempt in range(ATTEMPTS):
            try:
                self._ray.init(log_to_driver=False, configure_logging=False, **where)
                break
            except Exception as error:  # pylint: disable=broad-except
                self._ray.shutdown()
                # Ray's server for ray:// forks for each client, and now and then its child dies at once.
                if attempt + 1 == ATTEMPTS or not isinstance(error, ConnectionError):
                    raise no_cluster(address, error) from None
        self._ray.cloudpickle.register_pickle_by_value(worker)

    def places(self) -> list[Place]:
        return places_of(self._ray.nodes())

    def actor(self, place: Place, command: list[str], folder: str, environment: dict[str, str], opening: dict):
        """Its open() and measure() give references for ready()."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        options = {"num_cpus": 0, "resources": {place.resource: 1}, "max_restarts": 0,
                   "scheduling_strategy": NodeAffinitySchedulingStrategy(place.node, soft=False)}
        return self._ray.remote(worker.Worker).options(**options).remote(
            command, folder, environment, {**opening, "board": place.board})

    def ready(self, references: list, seconds: float) -> list:
        if not references:
            return []
        return self._ray.wait(references, num_returns=1, timeout=seconds)[0]

    def value(self, reference):
        """Of a reference that is ready. Fails with WorkerError where the actor lives, and with LostError where it does not."""
        errors = self._ray.exceptions
        try:
            return self._ray.get(reference)
        except errors.RayTaskError as error:
            raise worker.WorkerError(str(error.cause), getattr(error.cause, "lasting", False)) from None
        except errors.RayError as error:
            raise LostError(first_line(error)) from None

    def end(self, actor) -> None:
        self._ray.kill(actor, no_restart=True)

    def close(self, actors: list, seconds: float) -> None:
        """Lets the workers end by themselves, if they do so soon."""
        references = [actor.close.remote() for actor in actors]
        if references:
            self._ray.wait(references, num_returns=len(references), timeout=seconds)
        for actor in actors:
            self.end(actor)
        self._ray.shutdown()


def first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
