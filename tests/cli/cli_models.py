"""Small ONNX models for the tests of the command line."""

import onnx
from onnx import TensorProto, helper


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
