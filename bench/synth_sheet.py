#!/usr/bin/env python3
"""A sheet of samples of `nitro zoo synth-rgbd`: two classes a row, RGB, depth and infrared beside
each other. Depth runs from white (near) to dark; what has none is red.

usage: .venv/bin/python bench/synth_sheet.py FOLDER SHEET.jpg [--samples N] [--cell PIXELS]
"""

import argparse
import pathlib

import numpy as np
from PIL import Image


def shown(path, cell):
    pixels = np.asarray(Image.open(path))
    if path.parts[-3] == "depth":
        low, high = np.percentile(pixels[pixels > 0], [2, 98])
        near = np.clip(230 - 200 * (pixels - low) / max(1, high - low), 20, 240)
        pixels = np.where((pixels > 0)[..., None], near[..., None], [160, 20, 20]).astype(np.uint8)
    return Image.fromarray(pixels).convert("RGB").resize((cell, cell), Image.LANCZOS)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("sheet", type=pathlib.Path)
    parser.add_argument("--samples", type=int, default=1, help="of each class")
    parser.add_argument("--cell", type=int, default=128)
    options = parser.parse_args()
    classes = (options.folder / "classes.txt").read_text().split()
    rows = (len(classes) + 1) // 2
    sheet = Image.new("RGB", (6 * options.samples * options.cell, rows * options.cell))
    for number, name in enumerate(classes):
        paths = sorted((options.folder / "rgb" / name).glob("*.png"))[: options.samples]
        for sample, path in enumerate(paths):
            for place, modality in enumerate(("rgb", "depth", "ir")):
                column = ((number % 2) * options.samples + sample) * 3 + place
                picture = shown(options.folder / modality / name / path.name, options.cell)
                sheet.paste(picture, (column * options.cell, number // 2 * options.cell))
    sheet.save(options.sheet, quality=85)


if __name__ == "__main__":
    main()
