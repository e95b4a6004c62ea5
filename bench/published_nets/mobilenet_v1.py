"""TF-slim's MobileNet v1."""

from torch import nn

from blocks import conv, separable


def mobilenet_v1():
    parts, channels = [conv(3, 32, 3, 2, nn.ReLU6)], 32
    for c_out, s in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2),
                     (1024, 1)]:
        parts.append(separable(channels, c_out, s, nn.ReLU6))
        channels = c_out
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 1001))
