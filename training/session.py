"""A training run on a device, which may end before it is finished."""

import argparse
import dataclasses
import os
import pathlib
import sys

from training.deadline import Deadline
from training.errors import ENVIRONMENT, TrainingError

UNFINISHED = 75


@dataclasses.dataclass
class Session:
    device: "torch.device"  # noqa: F821  PyTorch is imported when a session starts
    deadline: Deadline

    @staticmethod
    def declare(parser: argparse.ArgumentParser) -> None:
        """The options of every training program, which start() reads some of."""
        parser.add_argument("--data", required=True, type=pathlib.Path, help="made by training.pack")
        parser.add_argument("-o", "--output", required=True, type=pathlib.Path)
        parser.add_argument("--device", default="",
                            help="cpu or cuda; default: cuda where there is one")
        parser.add_argument("--time-limit", type=float, metavar="SECONDS",
                            help="stops after so long, to go on later")

    @classmethod
    def start(cls, given: argparse.Namespace) -> "Session":
        """Deterministic on the device that is asked for."""
        # Before CUDA starts; the deterministic algorithms of cuBLAS need it.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        try:
            import torch
        except ImportError:
            raise TrainingError(ENVIRONMENT, "PyTorch is not installed",
                                "pip install -r requirements/training.txt") from None
        deadline = Deadline(given.time_limit)
        deadline.watch_signals()
        torch.use_deterministic_algorithms(True)
        # None is read uninitialised, and filling takes time.
        torch.utils.deterministic.fill_uninitialized_memory = False
        chosen = torch.device(given.device or ("cuda" if torch.cuda.is_available() else "cpu"))
        if chosen.type == "cuda" and not torch.cuda.is_available():
            raise TrainingError(ENVIRONMENT, "PyTorch finds no GPU", "--device cpu")
        return cls(chosen, deadline)

    def unfinished(self, output: pathlib.Path) -> int:
        """The exit code of a run that the deadline ended."""
        if self.deadline.signal:
            return 128 + self.deadline.signal
        print(f"not finished; the same command goes on from {output}", file=sys.stderr)
        return UNFINISHED
