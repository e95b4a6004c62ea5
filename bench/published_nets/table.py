"""The table of networks, with their published multiply-accumulates and parameters."""

from dataclasses import dataclass
from functools import partial
from typing import Callable

import torchvision.models
from timm import create_model
from torch import nn

import caffe
from alexnet_squeezenet import alexnet, squeezenet
from efficientvit_seg import EfficientVitSeg
from fast_scnn import FastScnn
from fcn_resnet18 import FcnResNet18
from mobilenet_v1 import mobilenet_v1
from owl_vit import OwlVit
from pose_attention import PoseAttention
from ultra_fast_lane import UltraFastLane
from yolo_v3_tiny import YoloV3Tiny
from yolo_v4 import YoloV4
from yolox import YoloxSmall


@dataclass
class Net:
    build: Callable[[], nn.Module]
    shape: tuple[int, int, int, int]  # of the input: batch, channels, height, width
    gmac: float | None  # published, for the whole batch
    millions: float | None  # parameters, published


# Rows of name, what builds it, {side or (height, width): GMACs or None} and millions of parameters or None.


def classifiers():
    # torchvision's documentation gives the MACs of its networks
    yield "alexnet", alexnet, {224: 0.71}, 61.1
    yield "squeezenet1_0", partial(squeezenet, "1_0"), {224: 0.82}, 1.25
    yield "squeezenet1_1", partial(squeezenet, "1_1"), {224: 0.35}, 1.24
    for name, gmac, millions in [
            ("resnet18", 1.81, 11.7), ("resnet34", 3.66, 21.8), ("resnet50", 4.09, 25.6),
            ("resnet101", 7.80, 44.5), ("resnet152", 11.51, 60.2), ("densenet121", 2.83, 7.98),
            ("densenet161", 7.73, 28.7), ("densenet169", 3.36, 14.1), ("densenet201", 4.29, 20.0),
            ("vgg11", 7.61, 132.9), ("vgg13", 11.31, 133.0), ("vgg16", 15.47, 138.4), ("vgg19", 19.63, 143.7),
            ("vgg11_bn", 7.61, 132.9), ("vgg13_bn", 11.31, 133.1), ("vgg16_bn", 15.47, 138.4),
            ("vgg19_bn", 19.63, 143.7)]:
        yield name, partial(create_model, name), {224: gmac}, millions
    for name, gmac, millions in [
            ("edgenext_xx_small", 0.2606, 1.33), ("edgenext_x_small", 0.538, 2.34),
            ("edgenext_small", 1.2606, 5.59), ("mobilevit_xxs", 0.42, 1.27), ("mobilevit_xs", 1.05, 2.32),
            ("mobilevit_s", 2.03, 5.58)]:
        yield name, partial(create_model, name), {256: gmac}, millions
    for name, *gmacs in [
            ("efficientvit_b1", 0.52, 0.68, 0.86), ("efficientvit_b2", 1.6, 2.1, 2.6),
            ("efficientvit_b3", 4.0, 5.2, 6.5)]:
        yield name, partial(create_model, name), dict(zip((224, 256, 288), gmacs)), None
    yield "mobilenet_v1_1.0", mobilenet_v1, {224: 0.569}, None
    yield "mobilenetv2", partial(create_model, "mobilenetv2_100"), {224: 0.30, 300: None}, 3.5
    for name, gmac, millions in [
            ("mnasnet0_5", 0.10, 2.2), ("mnasnet0_75", 0.21, 3.2), ("mnasnet1_0", 0.31, 4.4),
            ("mnasnet1_3", 0.53, 6.3), ("shufflenet_v2_x0_5", 0.04, 1.4), ("shufflenet_v2_x1_0", 0.14, 2.3),
            ("shufflenet_v2_x1_5", 0.30, 3.5), ("shufflenet_v2_x2_0", 0.58, 7.4)]:
        yield name, getattr(torchvision.models, name), {224: gmac}, millions
    yield "inception_v4", partial(create_model, "inception_v4"), {299: 12.28}, 42.7


def transformers():
    """Of images; timm's documentation has the numbers."""
    for name, model, gmac, millions in [
            ("vit_b16", "vit_base_patch16_224", 17.6, 86.6), ("vit_b32", "vit_base_patch32_224", 4.4, 88.2),
            ("clip_vit_b16", "vit_base_patch16_clip_quickgelu_224", 17.6, 86.2),
            ("clip_vit_b32", "vit_base_patch32_clip_quickgelu_224", 4.4, 87.8)]:
        yield name, partial(create_model, model), {224: gmac}, millions
    yield "dinov2_b14", partial(create_model, "vit_base_patch14_dinov2", img_size=224), {224: None}, 86.6
    yield "owl_vit_b32", partial(OwlVit, 32), {768: None}, None
    yield "owl_vit_b16", partial(OwlVit, 16), {768: None}, None


def dense():
    """Networks for segmentation, lanes and poses."""
    for size, depth, gmac, millions in [
            ("b0", 1, 4.4, 0.7), ("b1", 3, 25, 4.8), ("b2", 3, 74, 15), ("b3", 3, 179, 40)]:
        build = partial(EfficientVitSeg, size, depth, classes=19, expanded=True)
        yield f"efficientvit_{size}_cityscapes", build, {(1024, 2048): gmac}, millions
    for size, gmac, millions in [("b1", 3.1, 4.8), ("b2", 9.1, 15), ("b3", 22, 39)]:
        build = partial(EfficientVitSeg, size, 3, classes=150, expanded=False)
        yield f"efficientvit_{size}_ade20k", build, {512: gmac}, millions
    sizes = [384, (384, 576), 576, (576, 768), (768, 1344)]
    yield "fast_scnn", FastScnn, dict.fromkeys(sizes), 1.14
    sizes = [(256, 512), (512, 1024), (1024, 2048), (320, 576), (480, 864), (320, 512), (360, 640), 320, (400, 512),
             (512, 640)]
    yield "fcn_resnet18", FcnResNet18, dict.fromkeys(sizes), None
    yield "ultra_fast_lane_resnet18", UltraFastLane, {(288, 800): None}, None
    yield "resnet18_att", partial(PoseAttention, "resnet18"), {224: None}, None
    yield "densenet121_att", partial(PoseAttention, "densenet121"), {256: None}, None


def detectors():
    # the published operations of all but YOLOX are two for each MAC
    yield "yolov3_tiny", YoloV3Tiny, {416: 5.571 / 2}, 8.85
    yield "yolov4", YoloV4, {320: 35.5 / 2, 416: 60.1 / 2, 512: 91.1 / 2, 608: 128.5 / 2}, 64.4
    yield "yolox_s_leaky", YoloxSmall, {640: 13.37}, 8.96


def nets():
    """Each Net by its name."""
    table = {}
    for name, build, sizes, millions in [*classifiers(), *transformers(), *dense(), *detectors()]:
        for size, gmac in sizes.items():
            height, width = size if isinstance(size, tuple) else (size, size)
            table[f"{name}@{height}x{width}"] = Net(build, (1, 3, height, width), gmac, millions)
    for name, build, side, gmac, millions in [
            ("alexnet", caffe.alexnet, 227, 0.724, 61.0), ("googlenet", caffe.googlenet, 224, 1.58, 7.0),
            ("squeezenet1_0", caffe.squeezenet, 227, None, 1.25)]:
        for batch in (2, 8, 16):
            shape = (batch, 3, side, side)
            table[f"caffe_{name}@b{batch}"] = Net(build, shape, gmac and gmac * batch, millions)
    return table
