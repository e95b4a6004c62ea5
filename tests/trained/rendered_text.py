#!/usr/bin/env python3
"""Text as an image for the models of rapidocr-onnxruntime.

    rendered_text.py TEXT HEIGHTxWIDTH FILE.npy
"""

import sys

import numpy
from PIL import Image, ImageDraw, ImageFont


def rendered(text, height, width):
    """Black text on white, normalised to [-1, 1] as these models expect: f32[1,3,height,width]."""
    image = Image.new("RGB", (width, height), "white")
    font = ImageFont.load_default(size=height * 0.6 if height < 100 else 48)
    ImageDraw.Draw(image).text((8, height * 0.12), text, fill="black", font=font)
    pixels = numpy.asarray(image, dtype=numpy.float32) / 127.5 - 1
    return numpy.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


if __name__ == "__main__":
    numpy.save(sys.argv[3], rendered(sys.argv[1], *map(int, sys.argv[2].split("x"))))
