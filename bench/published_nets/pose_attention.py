"""trt_pose's *_baseline_att networks."""

import torch
from torch import nn

from blocks import features


class PoseAttention(nn.Module):
    """Three transposed convolutions for parts and for links, each gated."""

    def __init__(self, backbone):
        super().__init__()
        self.backbone = features(backbone, 4)
        channels = self.backbone.feature_info.channels()[-1]
        self.parts_up, self.links_up = (
            nn.Sequential(self.up(channels), self.up(256), self.up(256)) for _ in range(2))
        self.parts_gate, self.links_gate = (nn.Conv2d(256, 256, 3, padding=1) for _ in range(2))
        self.parts, self.links = nn.Conv2d(256, 18, 1), nn.Conv2d(256, 42, 1)

    @staticmethod
    def up(c_in):
        return nn.Sequential(nn.ConvTranspose2d(c_in, 256, 4, 2, 1), nn.BatchNorm2d(256), nn.ReLU())

    def forward(self, x):
        x = self.backbone(x)[-1]
        parts, links = self.parts_up(x), self.links_up(x)
        return (self.parts(parts * torch.sigmoid(self.parts_gate(parts))),
                self.links(links * torch.tanh(self.links_gate(links))))
