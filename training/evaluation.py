"""Top-1 accuracy by cosine to the texts of the classes, per modality, with its interval."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from training.packed import PackedSet
from training.preprocessing import normalised

BATCH = 256
NORMAL_95 = 1.959964


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if count == 0:
        return 0.0, 1.0
    share, z = right / count, NORMAL_95
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count +
                                               z * z / (4 * count * count))
    return max(0.0, centre - half), min(1.0, centre + half)


@torch.inference_mode()
def embeddings(model: nn.Module, packed: PackedSet, samples: np.ndarray, modality: str,
               device: torch.device) -> torch.Tensor:
    """f32[samples, embedding] of length 1, of whole images."""
    model.eval()
    rows = []
    for begin in range(0, len(samples), BATCH):
        chosen = samples[begin:begin + BATCH]
        images = packed.images[chosen][:, packed.channels[modality]]
        values = torch.as_tensor(images).to(device).float()
        rows.append(functional.normalize(model(normalised(values)).float()))
    return torch.cat(rows)


def accuracy(model: nn.Module, packed: PackedSet, samples: np.ndarray, modalities: tuple[str, ...],
             text: torch.Tensor) -> dict[str, dict]:
    """Of each modality: how many images, how many right, the share and its interval."""
    result = {}
    for modality in modalities:
        column = list(packed.channels).index(modality)
        chosen = samples[packed.present[samples, column]]
        if len(chosen) == 0:
            continue
        rows = embeddings(model, packed, chosen, modality, text.device)
        right = int(((rows @ text.T).argmax(1).cpu().numpy() == packed.labels[chosen]).sum())
        low, high = wilson(right, len(chosen))
        result[modality] = {"images": len(chosen), "right": right,
                            "accuracy": round(right / len(chosen), 4),
                            "interval": [round(low, 4), round(high, 4)]}
    return result


def fidelity(model: nn.Module, teacher: nn.Module, packed: PackedSet, samples: np.ndarray,
             modalities: tuple[str, ...]) -> dict[str, float]:
    """Of each modality: the mean cosine of the embeddings of both models."""
    device = next(model.parameters()).device
    result = {}
    for modality in modalities:
        chosen = samples[packed.present[samples, list(packed.channels).index(modality)]]
        if len(chosen) > 0:
            both = [embeddings(each, packed, chosen, modality, device) for each in (model, teacher)]
            result[modality] = round((both[0] * both[1]).sum(1).mean().item(), 6)
    return result


def in_words(scores: dict[str, dict]) -> str:
    return "  ".join(f"{modality} {100 * score['accuracy']:.1f} % "
                     f"[{100 * score['interval'][0]:.1f}, {100 * score['interval'][1]:.1f}]"
                     for modality, score in scores.items())
