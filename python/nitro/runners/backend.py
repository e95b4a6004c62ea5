"""What a backend gives to the protocol loop. A new backend implements these two classes in one file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy

from nitro.runners.errors import RunnerError


class Session(ABC):
    """One loaded model. `inputs` and `outputs` are lists of {"name", "dtype", "shape"}; a free
    dimension is its name or null."""

    inputs: list[dict]
    outputs: list[dict]

    @abstractmethod
    def run(self, feeds: dict[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
        """All outputs by name."""

    @abstractmethod
    def bind(self, feeds: dict[str, numpy.ndarray]) -> Callable[[], None]:
        """A call that executes the model once on `feeds` and returns when the result is complete.
        Transfers to the device happen here, not in the call."""

    def profile(self, feeds: dict[str, numpy.ndarray], iterations: int) -> dict:
        """The reply of the verb `profile`."""
        raise RunnerError("runner_failed", "this runner has no per-node profile")

    def close(self) -> None:
        """Frees what the model holds."""


class Backend(ABC):
    """One library that executes models."""

    name: str
    capabilities: list[str]

    @abstractmethod
    def version(self) -> str:
        """The library's version."""

    @abstractmethod
    def environment(self) -> dict:
        """What of the library and its device changes a measured time."""

    @abstractmethod
    def devices(self) -> list[dict]:
        """Devices it can use: {"provider", "name"}."""

    @abstractmethod
    def load(self, model: str, options: dict, scratch: str) -> Session:
        """Loads the file `model`; `options` holds `threads`, `graph_level`, `provider`, `spin`."""
