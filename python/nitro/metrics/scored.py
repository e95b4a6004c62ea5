"""The numbers of one modality, by TorchMetrics.

What TorchMetrics leaves open is settled before it is asked, the way src/eval/scores.h says: equal
scores are in the order of their indices, and an image without direction (not finite, or zero) fits
nothing.
"""

from __future__ import annotations

import numpy
import torch
from torchmetrics.functional.classification import multiclass_accuracy
from torchmetrics.functional.multimodal.clip_score import clip_score
from torchmetrics.functional.pairwise import pairwise_cosine_similarity
from torchmetrics.functional.regression import cosine_similarity
from torchmetrics.functional.retrieval import retrieval_hit_rate, retrieval_recall

AMONG = (1, 5, 10)
COSINE_STEPS = 2.0**40  # cosines equal up to rounding are ties


def usable_rows(rows: numpy.ndarray) -> numpy.ndarray:
    """Which rows have a direction."""
    with numpy.errstate(over="ignore", invalid="ignore"):
        squares = (rows.astype(numpy.float64) ** 2).sum(axis=1)
    return numpy.isfinite(squares) & (squares > 0)


def unit(rows: numpy.ndarray) -> numpy.ndarray:
    """Usable rows brought to length 1: TorchMetrics works in f32 in places, where squares overflow."""
    rows = rows.astype(numpy.float64)
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


def by_place(scores: torch.Tensor) -> torch.Tensor:
    """Scores without ties in the same order along the last axis: how many come no earlier. Above 0,
    because TorchMetrics' recall does not count what is not."""
    order = torch.argsort(scores, dim=-1, descending=True, stable=True)
    places = torch.empty_like(order)
    places.scatter_(-1, order, torch.arange(order.shape[-1]).expand_as(order))
    return (order.shape[-1] - places).to(torch.float64)


class GivenEmbeddings:
    """Model and processor for TorchMetrics' CLIPScore that hand on embeddings: an "image" is one as
    [1, 1, dim], a "text" the number of a row of `texts`."""

    config = None

    def __init__(self, texts: torch.Tensor):
        self.texts = texts

    def to(self, _device):
        return self

    def __call__(self, images=None, text=None, **_options):
        if images is not None:
            return {"pixel_values": torch.stack(images).flatten(1)}
        rows = torch.tensor([int(word) for word in text])
        return {"input_ids": rows, "attention_mask": torch.ones_like(rows)[:, None]}

    def get_image_features(self, images):
        return images

    def get_text_features(self, rows, _mask):
        return self.texts[rows]


def classification(scores: torch.Tensor, labels: torch.Tensor, usable: torch.Tensor) -> dict:
    """`scores` [images, classes]; an unusable image is given its true class last."""
    classes = scores.shape[1]
    places = by_place(torch.where(usable[:, None], scores, 0.0))
    places[~usable] = 0.0
    places[~usable, labels[~usable]] = -1.0
    places[~usable] = by_place(places[~usable])
    numbers = {}
    for name, k in (("top1", 1), ("top5", 5)):
        # With k classes or fewer all are among the first k, of usable images.
        if k >= classes:
            numbers[name] = float(usable.to(torch.float64).mean())
        else:
            numbers[name] = float(multiclass_accuracy(places, labels, classes, average="micro",
                                                      top_k=k))
    per_class = multiclass_accuracy(places, labels, classes, average="none") if classes > 1 \
        else torch.tensor([numbers["top1"]])
    counts = torch.bincount(labels, minlength=classes)
    numbers["class_top1"] = [float(share) if count else None
                             for share, count in zip(per_class, counts)]
    return numbers


def found(scores: torch.Tensor, relevant: torch.Tensor, metric, weights=1.0) -> list[float]:
    """Means of `metric` times `weights` over the queries (rows), among the first 1, 5 and 10."""
    places = by_place(scores)
    means = []
    for k in AMONG:
        values = torch.stack([metric(row, wanted, top_k=k)
                              for row, wanted in zip(places, relevant)])
        means.append(float((values.to(torch.float64) * weights).mean()))
    return means


def retrieval(scores: torch.Tensor, labels: torch.Tensor, usable: torch.Tensor) -> dict:
    """Both ways between images and prompts. Unusable images are never retrieved and find nothing."""
    classes = scores.shape[1]
    share = float(usable.to(torch.float64).mean())
    prompts_of = torch.nn.functional.one_hot(labels, classes)
    numbers = {"text_found": [0.0] * 3}
    if usable.any():
        numbers["text_found"] = [value * share for value in found(
            scores[usable], prompts_of[usable], retrieval_hit_rate)]
    asking = prompts_of.any(dim=0)
    # An irrelevant document in the place of each unusable image, behind all others.
    ranked = torch.where(usable[:, None], scores, -torch.inf).T[asking]
    relevant = (prompts_of * usable[:, None]).T[asking]
    # The unusable are relevant, too, but never found.
    kept = relevant.sum(dim=1) / prompts_of.sum(dim=0)[asking]
    numbers["images_found"] = found(ranked, relevant, retrieval_hit_rate)
    numbers["images_recall"] = found(ranked, relevant, retrieval_recall, kept)
    return numbers


def numbers_of(images: numpy.ndarray, labels: numpy.ndarray, classes: int,
               text: numpy.ndarray | None) -> dict:
    """The `numbers` of a modality in docs/eval.schema.json. `images` [images, dim], `text`
    [classes, dim] or None, where the outputs themselves are scores; `classes` 0: no decisions."""
    numbers = dict.fromkeys(("top1", "top5", "class_top1", "text_found", "images_found",
                             "images_recall", "clip_score"))
    if classes == 0:
        return numbers
    usable = usable_rows(images) if text is not None else numpy.isfinite(images).all(axis=1)
    safe = numpy.where(usable[:, None], images, 1.0).astype(numpy.float64)
    safe = torch.from_numpy(safe if text is None else unit(safe))
    usable, labels = torch.from_numpy(usable), torch.from_numpy(labels)
    if text is None:
        return numbers | classification(safe, labels, usable)
    text = torch.from_numpy(text.astype(numpy.float64))
    scores = torch.round(pairwise_cosine_similarity(safe, text) * COSINE_STEPS) / COSINE_STEPS
    numbers |= classification(scores, labels, usable) | retrieval(scores, labels, usable)
    numbers["clip_score"] = 0.0
    if usable.any():
        given = GivenEmbeddings(text)
        score = clip_score([image.reshape(1, 1, -1) for image in safe[usable]],
                           [str(int(label)) for label in labels[usable]], lambda: (given, given))
        numbers["clip_score"] = max(0.0, float(score)) * float(usable.to(torch.float64).mean())
    return numbers


def cosine_mean(images: numpy.ndarray, reference: numpy.ndarray) -> float:
    """The mean cosine between rows; 0 where one has no direction."""
    usable = usable_rows(images) & usable_rows(reference)
    if not usable.any():
        return 0.0
    pairs = [torch.from_numpy(unit(rows[usable])) for rows in (images, reference)]
    return float(cosine_similarity(*pairs, reduction="sum")) / len(images)
