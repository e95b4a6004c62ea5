"""What the stages minimise; each gives one value per image."""

import torch
from torch.nn import functional

from training.config import Stage


def distil(embedding: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """EdgeVL's first stage: L1 between embeddings of length 1, summed over their elements.

    `embedding` has whole repetitions of the samples of `teacher`, whose rows have length 1.
    """
    target = teacher.repeat(len(embedding) // len(teacher), 1)
    return (functional.normalize(embedding) - target).abs().sum(1)


def affinity(embedding: torch.Tensor, teacher: torch.Tensor, stage: Stage) -> torch.Tensor:
    """Which samples of the batch an embedding is close to, as the teacher's embedding of it is.

    Cross-entropy of the softmax of cosines over the temperature; shapes as in distil().
    """
    targets = (teacher @ teacher.T / stage.temperature).softmax(1)
    logits = functional.normalize(embedding) @ teacher.T / stage.temperature
    repetitions = len(embedding) // len(teacher)
    return functional.cross_entropy(logits, targets.repeat(repetitions, 1), reduction="none")


def infonce(embedding: torch.Tensor, labels: torch.Tensor, text: torch.Tensor,
            stage: Stage) -> torch.Tensor:
    """Cross-entropy of the class among all texts, by cosine over the temperature."""
    logits = functional.normalize(embedding) @ text.T / stage.temperature
    return functional.cross_entropy(logits, labels, reduction="none",
                                    label_smoothing=stage.smoothing)


def triplet(embedding: torch.Tensor, labels: torch.Tensor, text: torch.Tensor,
            stage: Stage) -> torch.Tensor:
    """EdgeVL's second stage: the text of the class closer by a margin than those of others."""
    cosines = functional.normalize(embedding) @ text.T
    others = torch.ones_like(cosines).scatter_(1, labels[:, None], 0)
    drawn = torch.multinomial(others, min(stage.negatives, len(text) - 1))
    own = cosines.gather(1, labels[:, None])
    return (cosines.gather(1, drawn) - own + stage.margin).clamp(min=0).mean(1)
