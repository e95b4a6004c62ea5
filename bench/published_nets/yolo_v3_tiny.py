"""darknet's YOLOv3-tiny."""

import torch
from torch import nn

from blocks import conv, leaky


class YoloV3Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        early, channels = [], 3
        for c_out in (16, 32, 64, 128):
            early += [conv(channels, c_out, 3, act=leaky), nn.MaxPool2d(2, 2)]
            channels = c_out
        self.early = nn.Sequential(*early, conv(128, 256, 3, act=leaky))
        self.late = nn.Sequential(
            nn.MaxPool2d(2, 2), conv(256, 512, 3, act=leaky), nn.ZeroPad2d((0, 1, 0, 1)), nn.MaxPool2d(2, 1),
            conv(512, 1024, 3, act=leaky), conv(1024, 256, act=leaky))
        self.coarse = nn.Sequential(conv(256, 512, 3, act=leaky), nn.Conv2d(512, 255, 1))
        self.up = nn.Sequential(conv(256, 128, act=leaky), nn.Upsample(scale_factor=2))
        self.fine = nn.Sequential(conv(384, 256, 3, act=leaky), nn.Conv2d(256, 255, 1))

    def forward(self, x):
        early = self.early(x)
        late = self.late(early)
        return self.coarse(late), self.fine(torch.cat([self.up(late), early], 1))
