"""The images of each step, a function of the seed, the stage and the step alone.

So nothing of the random generators has to be kept for a run to go on as it would have.
"""

import dataclasses
import hashlib

import numpy as np
import torch

from training.augmentation import change_values, random_crops
from training.config import Config, Photometry, Stage
from training.packed import PackedSet
from training.preprocessing import normalised


@dataclasses.dataclass
class Batch:
    """Modality after modality, each of all samples."""

    images: torch.Tensor  # f32[modalities * samples, 3, size, size], normalised
    labels: torch.Tensor  # i64[modalities * samples]
    weights: torch.Tensor  # f32[modalities * samples], 0 where there is no image; their sum is 1
    teacher_images: torch.Tensor  # f32[samples, 3, size, size] of the first modality
    modalities: int


def seed_of(*parts: object) -> int:
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:7])


class Batches:
    def __init__(self, config: Config, name: str, stage: Stage, packed: PackedSet,
                 samples: np.ndarray):
        self.config, self.name, self.stage, self.packed = config, name, stage, packed
        complete = packed.present[samples].all(1)
        repeats = np.where(complete, config.data.repeat_complete, 1)
        self.samples = np.repeat(samples, repeats)
        self.batch = min(stage.batch, len(self.samples))
        self.steps_per_epoch = len(self.samples) // self.batch
        self.steps = stage.epochs * self.steps_per_epoch
        self.modalities = stage.modalities or config.data.modalities
        device = packed.images.device
        self.labels = torch.from_numpy(packed.labels).to(device)
        columns = [list(packed.channels).index(modality) for modality in self.modalities]
        self.present = torch.from_numpy(packed.present[:, columns].T.copy()).to(device)
        self.order_of = (-1, self.samples)

    def order(self, epoch: int) -> np.ndarray:
        if self.order_of[0] != epoch:
            random = np.random.default_rng(seed_of(self.config.seed, self.name, "epoch", epoch))
            self.order_of = (epoch, random.permutation(self.samples))
        return self.order_of[1]

    def at(self, step: int) -> Batch:
        """The batch of `step`. All that is drawn after this call, too, follows from the step."""
        torch.manual_seed(seed_of(self.config.seed, self.name, "step", step))
        epoch, place = divmod(step, self.steps_per_epoch)
        chosen = torch.from_numpy(self.order(epoch)[place * self.batch:(place + 1) * self.batch])
        chosen = chosen.to(self.labels.device)
        images = random_crops(self.packed.images[chosen], self.config.geometry)
        first = self.config.data.modalities[0]
        planes = {m: self.changed(images, m) for m in dict.fromkeys((first, *self.modalities))}
        weights = self.present[:, chosen] & ~self.dropped(len(chosen))
        weights = weights.float().flatten()
        return Batch(images=torch.cat([planes[modality] for modality in self.modalities]),
                     labels=self.labels[chosen].repeat(len(self.modalities)),
                     weights=weights / weights.sum().clamp(min=1),
                     teacher_images=planes[first], modalities=len(self.modalities))

    def changed(self, images: torch.Tensor, modality: str) -> torch.Tensor:
        photometry = self.config.photometry.get(modality, Photometry())
        values = normalised(change_values(images[:, self.packed.channels[modality]], photometry))
        return values

    def dropped(self, samples: int) -> torch.Tensor:
        """bool[modalities, samples]: images left out, never all of a sample's."""
        photometry = [self.config.photometry.get(m, Photometry()) for m in self.modalities]
        chances = torch.tensor([entry.dropout for entry in photometry], device=self.labels.device)
        dropped = torch.rand(len(chances), samples, device=self.labels.device) < chances[:, None]
        return dropped & ~dropped.all(0)
