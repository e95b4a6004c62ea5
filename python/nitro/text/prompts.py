"""Prompts of classes, as EdgeVL writes them."""

from __future__ import annotations

import re


def phrase(name: str) -> str:
    """The words of a class name: `AnnualCrop` and `annual_crop` are both "annual crop"."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[\s_]+", apart.strip().lower()))


def prompt(template: str, name: str) -> str:
    """`template` with the class in the place of its {}; "a {}" is "an {}" before a vowel."""
    words = phrase(name)
    if words[:1] in tuple("aeiou"):
        template = re.sub(r"\b([Aa]) \{\}", r"\1n {}", template)
    return template.replace("{}", words)
