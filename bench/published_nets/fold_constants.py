"""Computes what torch's exporter leaves of shape arithmetic: without it not all shapes can be inferred."""

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator


def shapes_of(graph):
    """The shapes of tensors by name, where known in full."""
    values = [*graph.input, *graph.output, *graph.value_info]
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim]
              for v in values if v.type.tensor_type.HasField("shape")}
    return {k: v for k, v in shapes.items() if all(v)} | {t.name: list(t.dims) for t in graph.initializer}


def fold_constants(model):
    """The model with all shapes, and without the nodes that follow from shapes and small constants."""
    folded = True
    while folded:
        model = infer_shapes(model)
        folded = fold_known(model)
        del model.graph.value_info[:]
    return infer_shapes(model)


def infer_shapes(model):
    return onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)


def fold_known(model):
    """Makes initializers of known nodes; whether more than nodes Constant were among them."""
    graph, shapes = model.graph, shapes_of(model.graph)
    known = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer
             if t.data_location != onnx.TensorProto.EXTERNAL}
    left, folded = [], False
    for node in graph.node:
        value = value_of(node, known, shapes, model.opset_import)
        if value is None:
            left.append(node)
            continue
        known[node.output[0]] = value
        graph.initializer.append(onnx.numpy_helper.from_array(value, node.output[0]))
        folded |= node.op_type != "Constant"
    used = {i for node in left for i in node.input} | {o.name for o in graph.output}
    replace(graph.node, left)
    replace(graph.initializer, [t for t in graph.initializer if t.name in used])
    return folded


def replace(field, items):
    del field[:]
    field.extend(items)


def value_of(node, known, shapes, opsets):
    """What a node gives, None if that is not known."""
    if node.op_type == "Shape":
        return np.array(shapes[node.input[0]], np.int64) if node.input[0] in shapes else None
    inputs = [i for i in node.input if i]
    if len(node.output) != 1 or not all(i in known for i in inputs):
        return None
    inputs = {i: known[i] for i in inputs}
    types = [onnx.helper.make_tensor_value_info(i, onnx.helper.np_dtype_to_tensor_dtype(v.dtype), v.shape)
             for i, v in inputs.items()]
    graph = onnx.helper.make_graph([node], "one", types, [onnx.ValueInfoProto(name=node.output[0])])
    made = onnx.helper.make_model(graph, opset_imports=opsets)
    return np.asarray(ReferenceEvaluator(made).run(None, inputs)[0])
