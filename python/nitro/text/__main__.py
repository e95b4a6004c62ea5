"""python -m nitro.text --classes classes.txt -o text.npy: embeddings of class prompts for nitro eval."""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import tempfile

import numpy

from nitro.text.embed import embed_classes
from nitro.text.encoders import EncoderError, open_encoder

USAGE = 2
BAD_INPUT = 3
ENVIRONMENT = 4


def fail(exit_code: int, message: str, hint: str = "") -> None:
    print(f"nitro.text: error: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    sys.exit(exit_code)


def read_classes(path: pathlib.Path) -> list[str]:
    """The lines of a file, none of them empty or repeated."""
    try:
        classes = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        fail(BAD_INPUT, f"cannot read {path}: {error}")
    if not classes:
        fail(BAD_INPUT, f"{path} names no classes")
    for number, name in enumerate(classes, 1):
        if not name.strip() or name in classes[:number - 1]:
            fail(BAD_INPUT, f"{path}, line {number}: an empty or repeated class name")
    return classes


def write(path: pathlib.Path, rows: numpy.ndarray) -> None:
    """So that `path` is at any moment absent, old, or complete."""
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        try:
            numpy.save(file, rows)
            file.close()
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m nitro.text", description=__doc__)
    parser.add_argument("--classes", type=pathlib.Path, required=True, help="a class name a line")
    parser.add_argument("--prompts", action="append", metavar="TEXT",
                        help='with {} for the class; several are averaged (default "a photo of a {}")')
    parser.add_argument("--encoder", default="minilm",
                        help="minilm (default), transformers:NAME, open_clip:MODEL[/PRETRAINED]")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    templates = arguments.prompts or ["a photo of a {}"]
    for template in templates:
        if template.count("{}") != 1:
            fail(USAGE, f"the prompt '{template}' has no single {{}} for the class",
                 'for example --prompts "a photo of a {}"')
    classes = read_classes(arguments.classes)
    try:
        rows = embed_classes(classes, templates, open_encoder(arguments.encoder))
        write(arguments.output, rows)
    except EncoderError as error:
        fail(ENVIRONMENT if error.missing else BAD_INPUT, str(error), error.hint)
    except OSError as error:
        fail(ENVIRONMENT, f"cannot write {arguments.output}: {error.strerror}")
    print(f"{arguments.output}: f32[{rows.shape[0]},{rows.shape[1]}], "
          f"{len(templates)} prompt(s) a class, {arguments.encoder}")


if __name__ == "__main__":
    main()
