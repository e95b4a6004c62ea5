"""Small ONNX models for the tests of the command line."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def image_model(path, name="image", output="out", node="relu", graph="g", free=False):
    """Relu over one image, with whatever names."""
    shape = ["batch" if free else 1, 3, 8, 8]
    nodes = [helper.make_node("Relu", [name], [output], name=node)]
    value = helper.make_tensor_value_info
    proto = helper.make_model(
        helper.make_graph(nodes, graph, [value(name, TensorProto.FLOAT, shape)],
                          [value(output, TensorProto.FLOAT, shape)]),
        opset_imports=[helper.make_opsetid("", 17)], producer_name="test", ir_version=8)
    onnx.save(proto, path)
    return str(path)


def gelu_model(path):
    """x * 0.5 * (1 + erf(x / sqrt 2)), which the pass fuse-gelu knows."""
    constant = lambda name, value: helper.make_tensor(name, TensorProto.FLOAT, [], [value])
    nodes = [
        helper.make_node("Div", ["x", "root"], ["a"], name="div"),
        helper.make_node("Erf", ["a"], ["b"], name="erf"),
        helper.make_node("Add", ["b", "one"], ["c"], name="add"),
        helper.make_node("Mul", ["x", "c"], ["d"], name="mul"),
        helper.make_node("Mul", ["d", "half"], ["y"], name="halve"),
    ]
    value = helper.make_tensor_value_info
    proto = helper.make_model(
        helper.make_graph(nodes, "gelu", [value("x", TensorProto.FLOAT, [2, 16])],
                          [value("y", TensorProto.FLOAT, [2, 16])],
                          [constant("root", 2**0.5), constant("one", 1.0), constant("half", 0.5)]),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(proto, path)
    return str(path)


def patch_model(path, channels=3, padding=0):
    """2x2 patches of an image as tokens, a linear layer and the mean of the tokens."""
    rng = np.random.default_rng(7)
    weight = lambda name, *shape: numpy_helper.from_array(
        rng.standard_normal(shape, dtype=np.float32), name)
    side = 4 + padding
    nodes = [
        helper.make_node("Conv", ["image", "kernel", "bias"], ["map"], name="/embed/Conv",
                         strides=[2, 2], pads=[padding] * 4),
        helper.make_node("Reshape", ["map", "shape"], ["flat"], name="/embed/Reshape"),
        helper.make_node("Transpose", ["flat"], ["tokens"], name="/embed/Transpose",
                         perm=[0, 2, 1]),
        helper.make_node("MatMul", ["tokens", "matrix"], ["mixed"], name="/head/MatMul"),
        helper.make_node("ReduceMean", ["mixed"], ["y"], name="/head/Mean", axes=[1], keepdims=0),
    ]
    value = helper.make_tensor_value_info
    proto = helper.make_model(
        helper.make_graph(nodes, "patches", [value("image", TensorProto.FLOAT, [1, channels, 8, 8])],
                          [value("y", TensorProto.FLOAT, [1, 5])],
                          [weight("kernel", 6, channels, 2, 2), weight("bias", 6),
                           weight("matrix", 6, 5),
                           numpy_helper.from_array(np.array([1, 6, side * side]), "shape")]),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(proto, path)
    return str(path)


def products_model(path, rows=49):
    """Two products of different sizes, with f16 tensor cores in mind."""
    rng = np.random.default_rng(8)
    weight = lambda name, *shape: numpy_helper.from_array(
        rng.standard_normal(shape, dtype=np.float32), name)
    nodes = [
        helper.make_node("MatMul", ["x", "first"], ["hidden"], name="/first/MatMul"),
        helper.make_node("Relu", ["hidden"], ["kept"], name="/Relu"),
        helper.make_node("MatMul", ["kept", "second"], ["y"], name="/second/MatMul"),
    ]
    value = helper.make_tensor_value_info
    proto = helper.make_model(
        helper.make_graph(nodes, "products", [value("x", TensorProto.FLOAT, [1, rows, 96])],
                          [value("y", TensorProto.FLOAT, [1, rows, 64])],
                          [weight("first", 96, 384), weight("second", 384, 64)]),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(proto, path)
    return str(path)
