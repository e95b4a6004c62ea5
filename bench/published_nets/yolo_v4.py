"""darknet's YOLOv4."""

import torch
from torch import nn

from blocks import Residual, SpatialPyramid, conv, leaky


class CspStage(nn.Module):
    """A stage of CSPDarknet53: it halves the map, and sends one of two projections through the blocks."""

    def __init__(self, c_in, c_out, depth, first=False):
        super().__init__()
        width = c_out if first else c_out // 2
        hidden = c_out // 2
        self.down = conv(c_in, c_out, 3, 2, nn.Mish)
        self.aside, self.ahead = conv(c_out, width, act=nn.Mish), conv(c_out, width, act=nn.Mish)
        self.blocks = nn.Sequential(
            *[Residual(conv(width, hidden, act=nn.Mish), conv(hidden, width, 3, act=nn.Mish))
              for _ in range(depth)],
            conv(width, width, act=nn.Mish))
        self.out = conv(2 * width, c_out, act=nn.Mish)

    def forward(self, x):
        x = self.down(x)
        return self.out(torch.cat([self.blocks(self.ahead(x)), self.aside(x)], 1))


def alternating(c_in, narrow, layers):
    """1x1 to `narrow` and 3x3 to twice as many channels in turns."""
    parts = []
    for i in range(layers):
        c_out, k = ((narrow, 1), (2 * narrow, 3))[i % 2]
        parts.append(conv(c_in, c_out, k, act=leaky))
        c_in = c_out
    return nn.Sequential(*parts)


def up(channels):
    return nn.Sequential(conv(channels, channels // 2, act=leaky), nn.Upsample(scale_factor=2))


class YoloV4(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 32, 3, act=nn.Mish), CspStage(32, 64, 1, first=True),
                                  CspStage(64, 128, 2))
        self.stage3, self.stage4 = CspStage(128, 256, 8), CspStage(256, 512, 8)
        self.stage5 = CspStage(512, 1024, 4)
        self.spp = nn.Sequential(alternating(1024, 512, 3), SpatialPyramid(), alternating(2048, 512, 3))
        self.up4, self.side4, self.neck4 = up(512), conv(512, 256, act=leaky), alternating(512, 256, 5)
        self.up3, self.side3, self.neck3 = up(256), conv(256, 128, act=leaky), alternating(256, 128, 5)
        self.down4, self.again4 = conv(128, 256, 3, 2, leaky), alternating(512, 256, 5)
        self.down5, self.again5 = conv(256, 512, 3, 2, leaky), alternating(1024, 512, 5)
        self.heads = nn.ModuleList(
            nn.Sequential(conv(c, 2 * c, 3, act=leaky), nn.Conv2d(2 * c, 255, 1)) for c in (128, 256, 512))

    def forward(self, x):
        c3 = self.stage3(self.stem(x))
        c4 = self.stage4(c3)
        p5 = self.spp(self.stage5(c4))
        p4 = self.neck4(torch.cat([self.side4(c4), self.up4(p5)], 1))
        p3 = self.neck3(torch.cat([self.side3(c3), self.up3(p4)], 1))
        p4 = self.again4(torch.cat([self.down4(p3), p4], 1))
        p5 = self.again5(torch.cat([self.down5(p4), p5], 1))
        return [head(p) for head, p in zip(self.heads, (p3, p4, p5))]
