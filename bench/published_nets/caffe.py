"""BVLC's AlexNet and GoogLeNet and DeepScale's SqueezeNet 1.0.

The modules have the names of the Caffe layers, so the node of the layer inception_3a/3x3_reduce is
/inception_3a/3x3_reduce/Conv.
"""

import torch
import torch.nn.functional as F
from torch import nn

from alexnet_squeezenet import FIRES


class LocalResponse(torch.autograd.Function):
    """Exported as the one node LRN, where torch would write eight."""

    @staticmethod
    def forward(_, x):
        return F.local_response_norm(x, 5, 1e-4, 0.75, 1.0)

    @staticmethod
    def symbolic(g, x):
        return g.op("LRN", x, size_i=5, alpha_f=1e-4, beta_f=0.75, bias_f=1.0).setType(x.type())


class Lrn(nn.Module):
    def forward(self, x):
        return LocalResponse.apply(x)


class Concat(nn.Module):
    def forward(self, *parts):
        return torch.cat(parts, 1)


class Chain(nn.Module):
    """Layers by name. The nodes of nn.Sequential would have its own name twice."""

    def __init__(self, layers):
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        return x


def conv(name, relu, *shape, **options):
    return {name: nn.Conv2d(*shape, **options), relu: nn.ReLU()}


def pool(k=3, s=2, p=0):
    return nn.MaxPool2d(k, s, p, ceil_mode=True)


class Block(nn.Module):
    """Convolutions with ReLU by name, of shapes (channels in, channels out, size)."""

    def __init__(self, shapes):
        super().__init__()
        for name, (c_in, c_out, k) in shapes.items():
            for part, layer in conv(name, f"relu_{name}", c_in, c_out, k, padding=k // 2).items():
                self.add_module(part, layer)

    def layer(self, name, x):
        return getattr(self, f"relu_{name}")(getattr(self, name)(x))


def alexnet():
    return Chain({
        **conv("conv1", "relu1", 3, 96, 11, 4), "norm1": Lrn(), "pool1": pool(),
        **conv("conv2", "relu2", 96, 256, 5, padding=2, groups=2), "norm2": Lrn(), "pool2": pool(),
        **conv("conv3", "relu3", 256, 384, 3, padding=1),
        **conv("conv4", "relu4", 384, 384, 3, padding=1, groups=2),
        **conv("conv5", "relu5", 384, 256, 3, padding=1, groups=2), "pool5": pool(),
        "flatten": nn.Flatten(), "fc6": nn.Linear(9216, 4096), "relu6": nn.ReLU(),
        "fc7": nn.Linear(4096, 4096), "relu7": nn.ReLU(), "fc8": nn.Linear(4096, 1000),
        "prob": nn.Softmax(1)})


class Inception(Block):
    def __init__(self, c_in, plain, reduce3, out3, reduce5, out5, pooled):
        super().__init__({
            "1x1": (c_in, plain, 1), "3x3_reduce": (c_in, reduce3, 1), "3x3": (reduce3, out3, 3),
            "5x5_reduce": (c_in, reduce5, 1), "5x5": (reduce5, out5, 5), "pool_proj": (c_in, pooled, 1)})
        self.pool, self.output = pool(3, 1, 1), Concat()

    def forward(self, x):
        return self.output(
            self.layer("1x1", x), self.layer("3x3", self.layer("3x3_reduce", x)),
            self.layer("5x5", self.layer("5x5_reduce", x)), self.layer("pool_proj", self.pool(x)))


INCEPTIONS = {  # by stage; each without the channels of its input
    3: {"a": (64, 96, 128, 16, 32, 32), "b": (128, 128, 192, 32, 96, 64)},
    4: {"a": (192, 96, 208, 16, 48, 64), "b": (160, 112, 224, 24, 64, 64), "c": (128, 128, 256, 24, 64, 64),
        "d": (112, 144, 288, 32, 64, 64), "e": (256, 160, 320, 32, 128, 128)},
    5: {"a": (256, 160, 320, 32, 128, 128), "b": (384, 192, 384, 48, 128, 128)},
}


def googlenet():
    layers = {
        "conv1": Chain(conv("7x7_s2", "relu_7x7", 3, 64, 7, 2, 3)),
        "pool1": Chain({"3x3_s2": pool(), "norm1": Lrn()}),
        "conv2": Chain({**conv("3x3_reduce", "relu_3x3_reduce", 64, 64, 1),
                        **conv("3x3", "relu_3x3", 64, 192, 3, padding=1), "norm2": Lrn()})}
    channels = 192
    for stage, blocks in INCEPTIONS.items():
        layers[f"pool{stage - 1}"] = Chain({"3x3_s2": pool()})
        for letter, sizes in blocks.items():
            layers[f"inception_{stage}{letter}"] = Inception(channels, *sizes)
            plain, _, out3, _, out5, pooled = sizes
            channels = plain + out3 + out5 + pooled
    return Chain({
        **layers, "pool5": Chain({"7x7_s1": nn.AvgPool2d(7)}), "flatten": nn.Flatten(),
        "loss3": Chain({"classifier": nn.Linear(1024, 1000)}), "prob": nn.Softmax(1)})


class Fire(Block):
    def __init__(self, c_in, squeeze, expand):
        super().__init__({"squeeze1x1": (c_in, squeeze, 1), "expand1x1": (squeeze, expand, 1),
                          "expand3x3": (squeeze, expand, 3)})
        self.concat = Concat()

    def forward(self, x):
        x = self.layer("squeeze1x1", x)
        return self.concat(self.layer("expand1x1", x), self.layer("expand3x3", x))


def squeezenet():
    """Its last 1x1 convolution is padded by one, as in DeepScale's file."""
    layers, channels = {**conv("conv1", "relu_conv1", 3, 96, 7, 2), "pool1": pool()}, 96
    for i, (squeeze, expand) in enumerate(FIRES, 2):
        layers[f"fire{i}"] = Fire(channels, squeeze, expand)
        channels = 2 * expand
        if i in (4, 8):
            layers[f"pool{i}"] = pool()
    return Chain({**layers, **conv("conv10", "relu_conv10", 512, 1000, 1, padding=1),
                  "pool10": nn.AdaptiveAvgPool2d(1), "prob": nn.Softmax(1)})
