"""torchvision's AlexNet and SqueezeNet."""

import torch
import torch.nn.functional as F
from torch import nn


def alexnet():
    def stage(c_in, c_out, k, s, p):
        return [nn.Conv2d(c_in, c_out, k, s, p), nn.ReLU()]

    return nn.Sequential(
        *stage(3, 64, 11, 4, 2), nn.MaxPool2d(3, 2), *stage(64, 192, 5, 1, 2), nn.MaxPool2d(3, 2),
        *stage(192, 384, 3, 1, 1), *stage(384, 256, 3, 1, 1), *stage(256, 256, 3, 1, 1), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(),
        nn.Linear(4096, 1000))


# channels of the squeezing convolution and of each expanding one
FIRES = [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)]


class Fire(nn.Module):
    def __init__(self, c_in, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(c_in, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1x1(x)), F.relu(self.expand3x3(x))], 1)


def squeezenet(version):
    """1_0 and 1_1 differ in the first layer and in where they pool (before which fires)."""
    first, pooled = {"1_0": (nn.Conv2d(3, 96, 7, 2), (0, 3, 7)),
                     "1_1": (nn.Conv2d(3, 64, 3, 2), (0, 2, 4))}[version]
    parts, channels = [first, nn.ReLU()], first.out_channels
    for i, (squeeze, expand) in enumerate(FIRES):
        if i in pooled:
            parts.append(nn.MaxPool2d(3, 2, ceil_mode=True))
        parts.append(Fire(channels, squeeze, expand))
        channels = 2 * expand
    return nn.Sequential(*parts, nn.Conv2d(512, 1000, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
