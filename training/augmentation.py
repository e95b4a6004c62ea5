"""Augmentation of a batch on the device that holds it.

All modalities of a sample share crop and flip, as EdgeVL's do.
"""

import math

import torch
from torch.nn import functional

from training.config import Geometry, Photometry

HOLE_GRID = 28  # holes are squares of 1/28 of the image


def uniform(count: int, low: float, high: float, device: torch.device) -> torch.Tensor:
    return torch.empty(count, device=device).uniform_(low, high)


def random_crops(images: torch.Tensor, geometry: Geometry) -> torch.Tensor:
    """u8[batch, channels, size, size] cropped, flipped and resized to their size; f32, 0..255."""
    count, device = len(images), images.device
    area = uniform(count, *geometry.scale, device)
    ratio = uniform(count, *(math.log(value) for value in geometry.ratio), device).exp()
    width, height = (area * ratio).sqrt().clamp(max=1), (area / ratio).sqrt().clamp(max=1)
    x = uniform(count, -1, 1, device) * (1 - width)
    y = uniform(count, -1, 1, device) * (1 - height)
    flip = 1 - 2 * (uniform(count, 0, 1, device) < geometry.flip).float()
    affine = torch.zeros(count, 2, 3, device=device)
    affine[:, 0, 0], affine[:, 0, 2] = width * flip, x
    affine[:, 1, 1], affine[:, 1, 2] = height, y
    grid = functional.affine_grid(affine, list(images.shape), align_corners=False)
    return functional.grid_sample(images.float(), grid, padding_mode="border",
                                  align_corners=False)


def change_values(images: torch.Tensor, photometry: Photometry) -> torch.Tensor:
    """f32[batch, channels, size, size] of one modality with other values of 0..255."""
    count, device = len(images), images.device

    def factor(largest: float) -> torch.Tensor:
        return uniform(count, 1 - largest, 1 + largest, device)[:, None, None, None]

    if photometry.saturation and images.shape[1] > 1:
        grey = images.mean(1, keepdim=True)
        images = grey + (images - grey) * factor(photometry.saturation)
    if photometry.contrast:
        mean = images.mean((1, 2, 3), keepdim=True)
        images = mean + (images - mean) * factor(photometry.contrast)
    if photometry.brightness:
        images = images * factor(photometry.brightness)
    if photometry.noise:
        images = images + torch.randn_like(images) * photometry.noise
    images = images.clamp(0, 255)
    if photometry.holes:
        share = uniform(count, 0, photometry.holes, device)[:, None, None, None]
        kept = torch.rand(count, 1, HOLE_GRID, HOLE_GRID, device=device) >= share
        images = images * functional.interpolate(kept.float(), images.shape[-2:])
    return images
