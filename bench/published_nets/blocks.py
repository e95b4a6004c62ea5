"""Building blocks that several networks share."""

import timm
import torch
from torch import nn


def conv(c_in, c_out, k=1, s=1, act=None, groups=1, padding=None):
    """Convolution and batch norm, with an activation if a class is given."""
    padding = k // 2 if padding is None else padding
    parts = [nn.Conv2d(c_in, c_out, k, s, padding, groups=groups, bias=False), nn.BatchNorm2d(c_out)]
    return nn.Sequential(*parts, *([act()] if act else []))


def leaky():
    return nn.LeakyReLU(0.1)


class Residual(nn.Module):
    def __init__(self, *body):
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x):
        return x + self.body(x)


def separable(c_in, c_out, s=1, act=nn.ReLU):
    """A depth-wise 3x3 and a 1x1 convolution, as the MobileNet v1 has them."""
    return nn.Sequential(conv(c_in, c_in, 3, s, act, c_in), conv(c_in, c_out, act=act))


def inverted(c_in, c_out, expand, s=1, act=nn.ReLU):
    """An inverted residual of MobileNet v2."""
    hidden = expand * c_in
    body = [conv(c_in, hidden, act=act), conv(hidden, hidden, 3, s, act, hidden), conv(hidden, c_out)]
    return Residual(*body) if s == 1 and c_in == c_out else nn.Sequential(*body)


class SpatialPyramid(nn.Module):
    """The input beside its maxima over windows of 5x5, 9x9 and 13x13."""

    def __init__(self):
        super().__init__()
        self.pools = nn.ModuleList(nn.MaxPool2d(size, 1, size // 2) for size in (5, 9, 13))

    def forward(self, x):
        return torch.cat([x, *(pool(x) for pool in self.pools)], 1)


def features(name, *levels):
    """The maps of a timm network at strides 2^(level + 1)."""
    return timm.create_model(name, features_only=True, out_indices=levels)
