"""Trains a student as a configuration says, and goes on where an ended run was.

Leaves in the output folder student.safetensors (f16, for `nitro --weights`), result.json (accuracy on
the test set), log.jsonl, and the parameters after each stage. Exit code 75: not finished, the same
command goes on.
"""

import argparse
import pathlib
import sys

from training.errors import reported
from training.session import Session


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("config", type=pathlib.Path, help="a TOML file as those in training/configs")
    parser.add_argument("--test", type=pathlib.Path, help="another such folder to test on")
    parser.add_argument("--text", required=True, type=pathlib.Path,
                        help="a folder with classes.txt and, made from it by nitro.text, text.npy")
    Session.declare(parser)
    given = parser.parse_args(arguments)
    return reported(lambda: run(given))


def run(given: argparse.Namespace) -> int:
    session = Session.start(given)
    import torch

    from training.config import read_config
    from training.packed import read_packed
    from training.recipe import Recipe
    from training.text import read_text

    config = read_config(given.config)
    packed = read_packed(given.data)
    test = read_packed(given.test) if given.test else None
    text = torch.from_numpy(read_text(given.text, packed.classes)).to(session.device)
    given.output.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(config, packed.on(session.device), test, text, given.output, session.deadline)
    return 0 if recipe.run() else session.unfinished(given.output)


if __name__ == "__main__":
    sys.exit(main())
