"""A stand-in for rendered scenes: one pattern in RGB, depth and infrared."""

import pathlib

import numpy as np
from PIL import Image

CLASSES = ["columns", "disc", "rows", "tiles"]
SIDE = 64


def shape_mask(name: str, x: np.ndarray, y: np.ndarray, width: float) -> np.ndarray:
    row, column = np.floor(y / width) % 2 == 0, np.floor(x / width) % 2 == 0
    return {"disc": np.hypot(x, y) < 4 * width, "rows": row, "columns": column,
            "tiles": row ^ column}[name]


def write_shapes(folder: pathlib.Path, per_class: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(float)
    for name in CLASSES:
        for number in range(per_class):
            cx, cy = random.uniform(0.4 * SIDE, 0.6 * SIDE, 2)
            mask = shape_mask(name, columns - cx, rows - cy, random.uniform(4, 7))
            paint, ground = random.uniform(150, 255, 3), random.uniform(0, 100, 3)
            rgb = np.where(mask[..., None], paint, ground) + random.normal(0, 8, (SIDE, SIDE, 3))
            depth = np.where(mask, 1200, 3000) + random.normal(0, 60, (SIDE, SIDE))
            depth[random.random((SIDE, SIDE)) < 0.02] = 0  # no value
            infrared = np.where(mask, 200, 60) + random.normal(0, 15, (SIDE, SIDE))
            for modality, values, kind in (("rgb", rgb, np.uint8), ("depth", depth, np.uint16),
                                           ("ir", infrared, np.uint8)):
                path = folder / modality / name / f"{number:03}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(values.clip(0, np.iinfo(kind).max).astype(kind)).save(path)
