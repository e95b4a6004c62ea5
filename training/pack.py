"""Turns folders MODALITY/CLASS/NAME.{png,jpg} into one array that training maps into memory.

Images of one class and name are one sample. Colour is kept for the modality rgb.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import shutil
import sys
import tempfile

# One process an image: within one, more threads of the linear algebra only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from training.errors import BAD_INPUT, TrainingError, reported
from training.packed import IMAGES, INDEX, VERSION, channel_slices
from training.preprocessing import read_image, resized

SUFFIXES = (".png", ".jpg", ".jpeg")
Sample = tuple[str, str]  # class, name


def find_samples(folders: list[pathlib.Path],
                 modalities: list[str]) -> dict[Sample, dict[str, pathlib.Path]]:
    samples: dict[Sample, dict[str, pathlib.Path]] = {}
    for folder in folders:
        for modality in modalities:
            for path in sorted(folder.glob(f"{modality}/*/*")):
                if path.suffix.lower() not in SUFFIXES:
                    continue
                images = samples.setdefault((path.parent.name, path.stem), {})
                if modality in images:
                    raise TrainingError(BAD_INPUT, f"'{path}' and '{images[modality]}' are one "
                                                   "modality of one sample")
                images[modality] = path
    if not samples:
        raise TrainingError(BAD_INPUT, f"no images of {', '.join(modalities)} in "
                                       f"'{folders[0]}'", "the layout is MODALITY/CLASS/NAME.png")
    return dict(sorted(samples.items()))


def found_modalities(folders: list[pathlib.Path]) -> list[str]:
    names = sorted({path.name for folder in folders for path in folder.iterdir() if path.is_dir()})
    return sorted(names, key=lambda name: name != "rgb")


class Filling:
    """What each process writes to; set before it is forked off."""

    array: np.ndarray
    channels: dict[str, slice]


def fill(task: tuple[int, dict[str, pathlib.Path]]) -> None:
    """The images of one sample."""
    for modality, path in task[1].items():
        image = read_image(path, modality == "rgb")
        pixels = resized(image, Filling.array.shape[-1])
        Filling.array[task[0], Filling.channels[modality]] = pixels


def pack(folders: list[pathlib.Path], output: pathlib.Path, modalities: list[str], size: int,
         processes: int) -> None:
    """Writes the packed set `output`, which is absent or complete at any moment."""
    for folder in folders:
        if not folder.is_dir():
            raise TrainingError(BAD_INPUT, f"'{folder}' is no folder")
    if output.exists():
        raise TrainingError(BAD_INPUT, f"'{output}' exists already")
    modalities = modalities or found_modalities(folders)
    samples = find_samples(folders, modalities)
    classes = sorted({name for name, _ in samples})
    index = {"version": VERSION, "modalities": modalities, "classes": classes,
             "names": [name for _, name in samples],
             "labels": [classes.index(name) for name, _ in samples],
             "present": [[int(m in images) for m in modalities] for images in samples.values()]}
    output.parent.mkdir(parents=True, exist_ok=True)
    scratch = pathlib.Path(tempfile.mkdtemp(dir=output.parent, prefix=".packing-"))
    try:
        channels = channel_slices(modalities)
        array = np.lib.format.open_memmap(scratch / IMAGES, "w+", np.uint8,
                                          (len(samples), channels[modalities[-1]].stop, size, size))
        Filling.array, Filling.channels = array, channels
        # Forked: the array is the same mapped memory in all of them.
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            for number, _ in enumerate(pool.imap(fill, enumerate(samples.values()), 16), 1):
                if number % 2000 == 0:
                    print(f"{number} of {len(samples)} samples", file=sys.stderr)
        array.flush()
        (scratch / INDEX).write_text(json.dumps(index))
        scratch.chmod(0o755)
        scratch.rename(output)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    print(f"{len(samples)} samples of {len(classes)} classes, {', '.join(modalities)} -> {output}",
          file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.pack", description=__doc__)
    parser.add_argument("folder", nargs="+", type=pathlib.Path)
    parser.add_argument("-o", "--output", required=True, type=pathlib.Path)
    parser.add_argument("--modalities", default="", help="in order, by commas; default: all, rgb first")
    parser.add_argument("--size", default=224, type=int, help="pixels a side (default 224)")
    parser.add_argument("--processes", default=os.cpu_count(), type=int)
    given = parser.parse_args(arguments)
    names = [name for name in given.modalities.split(",") if name]

    def run() -> int:
        pack(given.folder, given.output, names, given.size, given.processes)
        return 0
    return reported(run)


if __name__ == "__main__":
    sys.exit(main())
