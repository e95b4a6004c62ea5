"""Writes a small model with what makes a profile hard: fusions, node names with quotes and
backslashes, and a node without a name. Usage: make_model.py OUT.onnx [BATCH]; without BATCH it is free."""

import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


def main():
    rng = numpy.random.default_rng(7)
    batch = int(sys.argv[2]) if len(sys.argv) > 2 else "batch"

    def weight(name, *shape):
        return numpy_helper.from_array(rng.standard_normal(shape, dtype=numpy.float32), name)

    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["m1"], name='a "quoted\\name'),
        helper.make_node("Add", ["m1", "b1"], ["a1"], name="bias"),
        helper.make_node("Relu", ["a1"], ["r1"], name="relu"),
        helper.make_node("MatMul", ["r1", "w2"], ["m2"]),
        helper.make_node("Softmax", ["m2"], ["y"], name="softmax", axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 49, 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 49, 16])],
        [weight("w1", 32, 64), weight("b1", 64), weight("w2", 64, 16)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, sys.argv[1])


main()
