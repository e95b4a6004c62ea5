"""Embeddings of class prompts, as `python -m nitro.text` makes them."""

import pathlib

import numpy as np

from training.errors import BAD_INPUT, TrainingError

TEXT = "text.npy"
CLASSES = "classes.txt"


def read_text(folder: pathlib.Path, classes: list[str]) -> np.ndarray:
    """The embeddings f32[classes, embedding] of `classes`, in their order, of length 1."""
    try:
        names = (folder / CLASSES).read_text().splitlines()
        rows = np.load(folder / TEXT, allow_pickle=False).astype(np.float32)
    except (ValueError, EOFError, FileNotFoundError) as error:
        raise TrainingError(BAD_INPUT, f"'{folder}' has no {TEXT} and {CLASSES}: {error}",
                            "python -m nitro.text makes the first from the second") from None
    if rows.ndim != 2 or len(rows) != len(names):
        raise TrainingError(BAD_INPUT, f"'{folder / TEXT}' has shape {rows.shape} for "
                                       f"{len(names)} classes")
    missing = sorted(set(classes) - set(names))
    if missing:
        raise TrainingError(BAD_INPUT, f"'{folder / CLASSES}' lacks the class '{missing[0]}'")
    chosen = rows[[names.index(name) for name in classes]]
    return chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
