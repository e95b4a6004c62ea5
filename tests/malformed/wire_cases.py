"""Bytes that are no ONNX model, or one that breaks the rules of the message format."""

import random

import numpy as np

from onnx import helper

from corpus import chain, f32, i64, model_of, nested_if, one_node, value
from function_cases import branching, cascade
from wire import field, varint


def add_wire_cases(corpus):
    good = chain(3).SerializeToString()
    noise = random.Random(1).randbytes(4096)
    refused = {
        "empty": (b"", "empty file"),
        "one_byte": (b"\x08", ""),
        "half": (good[: len(good) // 2], "bytes"),
        "noise": (noise, ""),
        "text": (b"this is not a model at all\n", ""),
        "zip": (b"PK\x03\x04" + bytes(100), ""),
        "zeros": (bytes(4096), ""),
        "length_bomb": (b"\x08\x08\x3a\xff\xff\xff\x7f" + bytes(7), "the graph claims 268435455 bytes"),
        "length_bomb_4g": (b"\x08\x08\x3a\xff\xff\xff\xff\x0f" + bytes(7), "the graph claims 4294967295 bytes"),
        "length_bomb_64": (b"\x08\x08\x3a" + b"\xff" * 9 + b"\x01", "the graph claims"),
        "varint_without_end": (good + b"\x08" + b"\xff" * 11, ""),
        "varint_truncated": (good + b"\x08\xff", ""),
        "wire_type_6": (good + b"\x0e\x01", ""),
        "wire_type_7": (good + b"\x0f\x01", ""),
        "group_not_ended": (good + varint(50 << 3 | 3), ""),
        "group_end_alone": (good + varint(50 << 3 | 4), ""),
        "groups_nested": (good + varint(50 << 3 | 3) * 300 + varint(50 << 3 | 4) * 300, ""),
        "field_zero": (good + b"\x02\x00", ""),
        "node_longer_than_graph": (field(7, b"\x0a\x7fabc"), ""),
        "no_graph": (b"\x08\x08", "no graph"),
        "graph_as_integer": (b"\x08\x08\x38\x05", "no graph"),
        "empty_graph": (field(7, b""), "no outputs"),
        "amplified_nodes": (field(7, b"\x0a\x00" * 4_000_000), "memory"),
        "amplified_attributes": (field(7, field(1, b"\x2a\x00" * 3_000_000)), "memory"),
        "amplified_initializers": (field(7, b"\x2a\x00" * 3_000_000), "memory"),
        "amplified_dims": (field(7, field(5, b"\x10\x01" + b"\x08\x01" * 4_000_000)), "rank"),
        "amplified_integers": (field(7, field(5, field(7, b"\x01" * 12_000_000))), ""),
        "if_70_deep": (nested_if(70), ""),
        "if_300_deep": (nested_if(300), ""),
    }
    for name, (content, message) in refused.items():
        corpus.add(f"wire_{name}", content, f"wire_{name}.onnx", message)
    long_version = b"\x08" + b"\x88" + b"\x80" * 8 + b"\x00" + good
    loading = {
        "good": good,
        "overlong_varint": long_version,
        "unknown_field": good + field(500, b"whatever"),
        "unknown_group": good + varint(50 << 3 | 3) + varint(50 << 3 | 4),
        "repeated_version": good + b"\x08\x08",
        "graph_in_two_parts": good + field(7, field(2, b"renamed")),
        "chain_20000": chain(20000),
        "if_40_deep": nested_if(40),
        "if_60_deep": nested_if(60),
    }
    for name, content in loading.items():
        corpus.add(f"wire_{name}", content, loads=True)


def add_base_models(corpus):
    """Small models for mutations, in the folder `base`."""
    folder = corpus.folder / "base"
    folder.mkdir(exist_ok=True)
    x = [1, 2, 4, 4]
    models = {
        "chain": chain(3),
        "conv": one_node("Conv", x, np.ones((2, 2, 3, 3), "f"), pads=[1, 1, 1, 1]),
        "softmax": one_node("Softmax", [2, 3], axis=-1),
        "reshape": one_node("Reshape", [2, 3], i64(3, -1)),
        "pool": one_node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]),
        "transpose": one_node("Transpose", [2, 3, 4], perm=[2, 0, 1]),
        "split": one_node("Split", [4, 2], i64(1, 3), outputs=2),
        "einsum": one_node("Einsum", [2, 3], [3, 4], equation="ij,jk->ik"),
        "slice": one_node("Slice", [4, 4], i64(0, 1), i64(3, 4), i64(0, 1), i64(1, 2)),
        "gather": one_node("Gather", [4, 4], i64(0, 3), axis=1),
        "resize": one_node("Resize", [1, 1, 4, 4], None, f32(1, 1, 2, 2), mode="linear"),
        "pad": one_node("Pad", [2, 2], i64(1, 0, 0, 1)),
        "constant": one_node("Add", [2], f32(1, 2)),
        "layer_norm": one_node("LayerNormalization", [2, 4], np.ones(4, "f"), np.zeros(4, "f"), axis=-1),
        "if": nested_if(1),
        "quantize": one_node("QuantizeLinear", [2, 2], np.float32(0.5), np.int8(3)),
        "top_k": one_node("TopK", [2, 8], i64(3), outputs=2),
        "matmul": model_of(
            [helper.make_node("MatMul", ["x", "w"], ["t"]), helper.make_node("Gelu", ["t"], ["y"])],
            [value("x", [2, 3]), value("w", [3, 2])], opset=20),
        "group_norm": one_node("GroupNormalization", [1, 4, 2], np.ones(2, "f"), np.zeros(2, "f"), num_groups=2, opset=18),
        "branch": branching([helper.make_node("Relu", ["x"], ["t"])], ["t"]),
        "functions": cascade(2, 2),
        "attention": one_node("Attention", [1, 2, 4, 8], [1, 2, 4, 8], [1, 2, 4, 8], opset=23),
    }
    for name, model in models.items():
        content = model if isinstance(model, bytes) else model.SerializeToString()
        (folder / f"{name}.onnx").write_bytes(content)
