"""Training on the shapes, as a user starts it."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np

ROOT = pathlib.Path(__file__).parents[2]
CONFIG = """
seed = 3
checkpoint_steps = 5
[data]
modalities = ["rgb", "depth", "ir"]
size = 56
validation = 0.1
[model]
width = 32
depths = [1, 1]
drop_path = 0.05
[teacher]
width = 64
depths = [1, 1]
[geometry]
scale = [0.6, 1.0]
[photometry.rgb]
brightness = 0.2
saturation = 0.2
noise = 2.0
[photometry.depth]
holes = 0.1
dropout = 0.1
[stages.teacher]
loss = "infonce"
modalities = ["rgb"]
epochs = 8
batch = 12
rate = 2e-3
[stages.distil]
loss = "distil"
epochs = 8
batch = 12
rate = 2e-3
[stages.contrast]
loss = "infonce"
epochs = 4
batch = 12
rate = 1e-3
quantised = true
"""
SHORT = CONFIG.replace("epochs = 8", "epochs = 2").replace("epochs = 4", "epochs = 2")


def write_text(folder: pathlib.Path, classes: list[str]) -> None:
    """Directions like a sentence encoder's: all alike, and each class different."""
    rows = np.random.default_rng(0).normal(0, 1, (len(classes), 384)) + 0.5
    folder.mkdir()
    np.save(folder / "text.npy", (rows / np.linalg.norm(rows, axis=1, keepdims=True))
            .astype(np.float32))
    (folder / "classes.txt").write_text("".join(f"{name}\n" for name in classes))


def arguments(shapes: pathlib.Path, output: pathlib.Path, config: str, *more: str) -> list[str]:
    file = output.with_suffix(".toml")
    file.write_text(config)
    return [str(file), "--data", str(shapes / "data"), "--test", str(shapes / "test"), "--text",
            str(shapes / "text"), "-o", str(output), "--device", "cpu", *more]


def start(shapes: pathlib.Path, output: pathlib.Path, config: str) -> subprocess.Popen:
    """The same in a process of its own."""
    return subprocess.Popen([sys.executable, "-m", "training", *arguments(shapes, output, config)],
                            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
                            stderr=subprocess.DEVNULL)


def log(output: pathlib.Path) -> list[dict]:
    return [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
