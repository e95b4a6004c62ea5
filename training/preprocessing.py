"""Images as EdgeVL prepares them for its student, before normalisation."""

import functools
import pathlib

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from training.errors import BAD_INPUT, TrainingError

MEAN = (0.485, 0.456, 0.406)  # of ImageNet's images
DEVIATION = (0.229, 0.224, 0.225)
MAX_PIXELS = 64_000_000


def read_image(path: pathlib.Path, colour: bool) -> np.ndarray:
    """u8[height, width, channels], 3 channels for `colour`, else 1.

    16-bit values are stretched from their least and greatest to 0..255, cut to whole numbers.
    """
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise TrainingError(BAD_INPUT, f"'{path}' has more than {MAX_PIXELS} pixels")
            if image.mode.startswith("I"):
                pixels = stretched(np.asarray(image))
            else:
                pixels = np.asarray(image.convert("RGB" if colour else "L"))
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise TrainingError(BAD_INPUT, f"cannot read the image '{path}': {error}") from None
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3 if colour else 1, -1)
    return pixels


def stretched(values: np.ndarray) -> np.ndarray:
    least, greatest = float(values.min()), float(values.max())
    scale = 255.0 / (greatest - least) if greatest > least else 0.0
    return np.floor((values - least) * scale).astype(np.uint8)


@functools.cache
def cubic_matrix(source: int, target: int) -> np.ndarray:
    """The weights of OpenCV's INTER_CUBIC along one axis, f64[target, source]; edges repeat."""
    position = (np.arange(target) + 0.5) * (source / target) - 0.5
    floor = np.floor(position)
    x, a = position - floor, -0.75
    far = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    following = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1
    matrix = np.zeros((target, source))
    for tap, weight in enumerate((far, near, following, 1 - far - near - following)):
        at = np.clip(floor.astype(int) - 1 + tap, 0, source - 1)
        np.add.at(matrix, (np.arange(target), at), weight)
    return matrix


def resized(pixels: np.ndarray, size: int) -> np.ndarray:
    """u8[channels, size, size]; the aspect ratio is ignored."""
    channels = pixels.transpose(2, 0, 1)
    height, width = pixels.shape[:2]
    if (height, width) == (size, size):
        return channels
    planes = channels.astype(float, order="C")  # in another order NumPy multiplies slowly
    values = cubic_matrix(height, size) @ planes @ cubic_matrix(width, size).T
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def normalised(values: torch.Tensor) -> torch.Tensor:
    """[batch, 3 or 1, size, size] of 0..255 as the student's input, one channel replicated."""
    mean = torch.tensor(MEAN, device=values.device)[:, None, None]
    deviation = torch.tensor(DEVIATION, device=values.device)[:, None, None]
    return (values / 255 - mean) / deviation
