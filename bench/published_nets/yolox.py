"""YOLOX-s with leaky ReLU in place of SiLU."""

import torch
from torch import nn

from blocks import Residual, SpatialPyramid, conv, leaky


class Focus(nn.Module):
    """Each 2x2 square of pixels as one pixel of four times the channels."""

    def forward(self, x):
        return torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)


def down(c_in, c_out):
    return conv(c_in, c_out, 3, 2, leaky)


class CspLayer(nn.Module):
    """Two projections, one of them through `n` blocks."""

    def __init__(self, c_in, c_out, n=1, block=nn.Sequential):
        super().__init__()
        hidden = c_out // 2
        self.ahead, self.aside = conv(c_in, hidden, act=leaky), conv(c_in, hidden, act=leaky)
        self.out = conv(2 * hidden, c_out, act=leaky)
        self.blocks = nn.Sequential(
            *[block(conv(hidden, hidden, act=leaky), conv(hidden, hidden, 3, act=leaky)) for _ in range(n)])

    def forward(self, x):
        return self.out(torch.cat([self.blocks(self.ahead(x)), self.aside(x)], 1))


class Head(nn.Module):
    def __init__(self, c_in):
        super().__init__()
        width = 128
        self.stem = conv(c_in, width, act=leaky)
        self.of_classes, self.of_boxes = (
            nn.Sequential(*(conv(width, width, 3, act=leaky) for _ in range(2))) for _ in range(2))
        self.classes, self.box, self.object = (nn.Conv2d(width, c, 1) for c in (80, 4, 1))

    def forward(self, x):
        x = self.stem(x)
        boxes, classes = self.of_boxes(x), self.classes(self.of_classes(x))
        return torch.cat([self.box(boxes), self.object(boxes).sigmoid(), classes.sigmoid()], 1).flatten(2)


class YoloxSmall(nn.Module):
    def __init__(self):
        super().__init__()

        def stage(c_in, c_out, n):
            return nn.Sequential(down(c_in, c_out), CspLayer(c_out, c_out, n, Residual))

        self.stage3 = nn.Sequential(Focus(), conv(12, 32, 3, act=leaky), stage(32, 64, 1), stage(64, 128, 3))
        self.stage4 = stage(128, 256, 3)
        self.stage5 = nn.Sequential(down(256, 512), conv(512, 256, act=leaky), SpatialPyramid(),
                                    conv(1024, 512, act=leaky), CspLayer(512, 512))
        self.lateral5, self.merge4 = conv(512, 256, act=leaky), CspLayer(512, 256)
        self.lateral4, self.merge3 = conv(256, 128, act=leaky), CspLayer(256, 128)
        self.down3, self.again4 = down(128, 128), CspLayer(256, 256)
        self.down4, self.again5 = down(256, 256), CspLayer(512, 512)
        self.up = nn.Upsample(scale_factor=2)
        self.heads = nn.ModuleList(Head(c) for c in (128, 256, 512))

    def forward(self, x):
        c3 = self.stage3(x)
        c4 = self.stage4(c3)
        side5 = self.lateral5(self.stage5(c4))
        side4 = self.lateral4(self.merge4(torch.cat([self.up(side5), c4], 1)))
        p3 = self.merge3(torch.cat([self.up(side4), c3], 1))
        p4 = self.again4(torch.cat([self.down3(p3), side4], 1))
        p5 = self.again5(torch.cat([self.down4(p4), side5], 1))
        return torch.cat([head(p) for head, p in zip(self.heads, (p3, p4, p5))], 2).permute(0, 2, 1)
