"""Fast-SCNN as in Tramac/Fast-SCNN-pytorch, where the measured files come from."""

import torch
import torch.nn.functional as F
from torch import nn

from blocks import conv, inverted, separable


class PyramidPooling(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(n), conv(channels, channels // 4, act=nn.ReLU))
            for n in (1, 2, 3, 6))
        self.out = conv(2 * channels, channels, act=nn.ReLU)

    def forward(self, x):
        size = x.shape[-2:]
        made = [F.interpolate(b(x), size, mode="bilinear", align_corners=True) for b in self.branches]
        return self.out(torch.cat([x, *made], 1))


class FastScnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.fine = nn.Sequential(conv(3, 32, 3, 2, nn.ReLU, padding=0), separable(32, 48, 2),
                                  separable(48, 64, 2))
        blocks = []
        for c_in, c_out, s in [(64, 64, 2), (64, 96, 2), (96, 128, 1)]:
            blocks += [inverted(c_in, c_out, 6, s), inverted(c_out, c_out, 6), inverted(c_out, c_out, 6)]
        self.coarse = nn.Sequential(*blocks, PyramidPooling(128))
        self.smooth = nn.Sequential(conv(128, 128, 3, act=nn.ReLU, groups=128), conv(128, 128))
        self.side = conv(64, 128)
        self.classify = nn.Sequential(separable(128, 128), separable(128, 128), nn.Conv2d(128, 19, 1))

    def forward(self, x):
        fine = self.fine(x)
        coarse = F.interpolate(self.coarse(fine), scale_factor=4, mode="bilinear", align_corners=True)
        y = self.classify(F.relu(self.side(fine) + self.smooth(coarse)))
        return F.interpolate(y, x.shape[-2:], mode="bilinear", align_corners=True)
