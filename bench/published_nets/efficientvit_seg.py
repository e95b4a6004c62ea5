"""EfficientViT with its head for segmentation."""

import torch.nn.functional as F
from torch import nn

from blocks import conv, features, inverted


class EfficientVitSeg(nn.Module):
    """Maps added at stride 8, `depth` inverted residuals, a classifier, its input widened if `expanded`."""

    def __init__(self, size, depth, classes, expanded):
        super().__init__()
        self.backbone = features(f"efficientvit_{size}", 1, 2, 3)
        channels = self.backbone.feature_info.channels()
        width, act = channels[0], nn.Hardswish
        self.inputs = nn.ModuleList(conv(c, width) for c in channels)
        tail = [inverted(width, width, 4, act=act) for _ in range(depth)]
        if expanded:
            tail.append(conv(width, 4 * width, act=act))
        self.tail = nn.Sequential(*tail, nn.Conv2d(4 * width if expanded else width, classes, 1))

    def forward(self, x):
        fine, middle, coarse = (project(c) for project, c in zip(self.inputs, self.backbone(x)))
        middle = F.interpolate(middle, scale_factor=2, mode="bicubic", align_corners=False)
        coarse = F.interpolate(coarse, scale_factor=4, mode="bicubic", align_corners=False)
        return self.tail(coarse + middle + fine)
