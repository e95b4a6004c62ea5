"""Writes a network as an ONNX file and compares its size with the published one.

Only shapes matter: each large tensor of weights is a range of zeros in weights.bin, which takes no space on
the disk.
"""

import warnings
from math import prod

import onnx
import timm
import torch

from fold_constants import fold_constants, shapes_of

OPSET = 13
TOLERANCE = 0.04
LARGE = 1 << 16  # bytes of an initializer that is moved to weights.bin
WEIGHTS = "weights.bin"


def export(folder, name, net):
    """Writes NAME.onnx; returns whether it is as published."""
    timm.layers.set_fused_attn(False)  # the opset has no fused attention
    model = net.build().eval()
    millions = sum(p.numel() for p in model.parameters()) / 1e6
    set_constants(model)
    file = folder / f"{name}.onnx"
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, torch.zeros(net.shape), str(file), dynamo=False, opset_version=OPSET,
                          input_names=["input"])
    loaded = onnx.load(file)
    move_weights(loaded.graph, folder)
    loaded = fold_constants(loaded)
    onnx.save(loaded, file)
    onnx.checker.check_model(str(file), full_check=True)
    gmac = count_macs(loaded.graph) / 1e9
    good = agree(gmac, net.gmac) and agree(millions, net.millions)
    published = [f"{value:10.4g}" if value else f"{'-':>10}" for value in (net.gmac, net.millions)]
    print(f"{name:36} {gmac:10.4f} {published[0]} GMAC {millions:9.3f} {published[1]} M "
          f"{len(loaded.graph.node):5} nodes{'' if good else '   DIFFERS'}", flush=True)
    return good


def set_constants(model):
    """No two tensors alike: the exporter would make one of them, and the weights too few."""
    with torch.no_grad():
        for i, (name, tensor) in enumerate([*model.named_parameters(), *model.named_buffers()]):
            if tensor.is_floating_point():
                scale = name.endswith("running_var") or (tensor.ndim == 1 and name.endswith("weight"))
                tensor.fill_((1.0 if scale else 0.01) + i * 1e-5)


def move_weights(graph, folder):
    """Makes each large initializer a range of weights.bin, a file of one hole that all networks share."""
    end = 0
    for tensor in graph.initializer:
        size = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize * prod(tensor.dims)
        if size < LARGE:
            continue
        tensor.ClearField("raw_data")
        tensor.ClearField("float_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", WEIGHTS), ("offset", end), ("length", size)):
            tensor.external_data.add(key=key, value=str(value))
        end += -(-size // 4096) * 4096
    with open(folder / WEIGHTS, "ab") as file:
        file.truncate(max(end, file.tell()))


def count_macs(graph):
    """Of convolutions and products of matrices; a node without a shape fails here."""
    shapes, macs = shapes_of(graph), 0
    for node in graph.node:
        if node.op_type == "Conv":
            macs += prod(shapes[node.output[0]]) * prod(shapes[node.input[1]][1:])
        elif node.op_type == "ConvTranspose":
            macs += prod(shapes[node.input[0]]) * prod(shapes[node.input[1]][1:])
        elif node.op_type in ("MatMul", "Gemm"):  # the exporter never sets transA
            macs += prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]
    return macs


def agree(found, published):
    """Within 4 %, or the same once rounded to as many digits as were published."""
    if published is None or abs(found / published - 1) <= TOLERANCE:
        return True
    digits = len(f"{published:g}".replace(".", "").lstrip("0"))
    return float(f"{found:.{digits}g}") == published
