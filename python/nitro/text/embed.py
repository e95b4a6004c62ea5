"""One embedding for each class, of its prompts."""

from __future__ import annotations

import numpy

from nitro.text.encoders import BATCH, Encoder, EncoderError
from nitro.text.prompts import prompt


def unit(rows: numpy.ndarray) -> numpy.ndarray:
    return rows / numpy.linalg.norm(rows, axis=-1, keepdims=True)


def embed_classes(classes: list[str], templates: list[str], encode: Encoder) -> numpy.ndarray:
    """f32[classes, dim] of length 1: the mean of a class's prompts, each brought to length 1 first."""
    prompts = [prompt(template, name) for name in classes for template in templates]
    rows = numpy.concatenate([encode(prompts[i:i + BATCH]) for i in range(0, len(prompts), BATCH)])
    with numpy.errstate(invalid="ignore", divide="ignore"):
        rows = unit(rows.astype(numpy.float64)).reshape(len(classes), len(templates), -1)
        result = unit(rows.mean(axis=1)).astype(numpy.float32)
    if not numpy.isfinite(result).all():
        raise EncoderError("the encoder gives embeddings that are zero or not finite")
    return result
