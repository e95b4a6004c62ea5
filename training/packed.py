"""A data set as one array, which `python -m training.pack` writes."""

import dataclasses
import json
import pathlib

import numpy as np
import torch

from training.errors import BAD_INPUT, TrainingError

VERSION = 1
IMAGES = "images.npy"
INDEX = "index.json"


@dataclasses.dataclass
class PackedSet:
    """Samples of aligned images; one without a modality has zeros there."""

    images: np.ndarray | torch.Tensor  # u8[samples, channels of all modalities, size, size]
    channels: dict[str, slice]  # of each modality, in the order of `present`
    present: np.ndarray  # bool[samples, modalities]
    labels: np.ndarray  # i64[samples]
    classes: list[str]
    names: list[str]

    def on(self, device: torch.device) -> "PackedSet":
        """The same with the images in the memory of `device`."""
        images = torch.empty(self.images.shape, dtype=torch.uint8, device=device)
        for begin in range(0, len(self.images), 1024):
            part = np.array(self.images[begin:begin + 1024])
            images[begin:begin + len(part)] = torch.from_numpy(part).to(device)
        return dataclasses.replace(self, images=images)


def channel_slices(modalities: list[str]) -> dict[str, slice]:
    slices, begin = {}, 0
    for modality in modalities:
        end = begin + (3 if modality == "rgb" else 1)
        slices[modality] = slice(begin, end)
        begin = end
    return slices


def read_packed(folder: pathlib.Path) -> PackedSet:
    """The set in `folder`, its images mapped into memory; TrainingError where it is none."""
    try:
        index = json.loads((folder / INDEX).read_text())
        images = np.load(folder / IMAGES, mmap_mode="r", allow_pickle=False)
        if index["version"] != VERSION:
            raise ValueError(f"version {index['version']}")
        packed = PackedSet(images=images, channels=channel_slices(index["modalities"]),
                           present=np.array(index["present"], dtype=bool),
                           labels=np.array(index["labels"], dtype=np.int64),
                           classes=index["classes"], names=index["names"])
        check(packed)
    except (ValueError, KeyError, TypeError, FileNotFoundError, EOFError) as error:
        raise TrainingError(BAD_INPUT, f"'{folder}' is no packed data set: {error}",
                            "python -m training.pack FOLDER -o DATA makes one") from None
    return packed


def check(packed: PackedSet) -> None:
    samples = len(packed.labels)
    channels = max(part.stop for part in packed.channels.values())
    shape = packed.images.shape
    if packed.images.dtype != np.uint8 or len(shape) != 4 or shape[:2] != (samples, channels):
        raise ValueError(f"images of shape {shape} for {samples} samples of {channels} channels")
    if packed.present.shape != (samples, len(packed.channels)) or len(packed.names) != samples:
        raise ValueError("lists of different lengths")
    if samples == 0 or not (0 <= packed.labels.min() and
                            packed.labels.max() < len(packed.classes)):
        raise ValueError("labels of no class")


@dataclasses.dataclass
class Split:
    """Numbers of samples, i64."""

    training: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split(packed: PackedSet, validation: float, test: float, seed: int) -> Split:
    """Shares of each class, and within it of the samples that have the same modalities."""
    parts = Split(*([] for _ in range(3)))
    random = np.random.default_rng(seed)
    patterns = packed.present @ (1 << np.arange(packed.present.shape[1]))
    for key in sorted(set(zip(packed.labels.tolist(), patterns.tolist(), strict=True))):
        group = np.flatnonzero((packed.labels == key[0]) & (patterns == key[1]))
        random.shuffle(group)
        first, second = round(test * len(group)), round((test + validation) * len(group))
        for part, members in ((parts.test, group[:first]), (parts.validation, group[first:second]),
                              (parts.training, group[second:])):
            part.append(members)
    return Split(*(np.sort(np.concatenate(part))
                   for part in (parts.training, parts.validation, parts.test)))
