"""The collector of a corpus of malformed models: files, and what Nitro must say about each."""

import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from wire import field


class Corpus:
    """Writes models into `folder`; save() writes expected.json beside them.

    An expectation is {"file", "loads"} or {"file", "contains": [...]}: the parts that the message of
    a refusal must have, at least the name of the culprit.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.expected = []

    def add(self, name, model, *contains, loads=False):
        content = model if isinstance(model, bytes) else model.SerializeToString()
        (self.folder / f"{name}.onnx").write_bytes(content)
        self.expected.append({"file": f"{name}.onnx", "loads": loads, "contains": list(contains)})

    def save(self):
        names = [entry["file"] for entry in self.expected]
        assert len(names) == len(set(names)), "two cases have one name"
        (self.folder / "expected.json").write_text(json.dumps(self.expected, indent=1))


def value(name, shape, dtype=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def model_of(nodes, inputs=(), initializers=(), outputs=("y",), opset=17, domains=()):
    """A model; outputs are names (of unknown shape) or ValueInfoProtos."""
    outputs = [value(o, None) if isinstance(o, str) else o for o in outputs]
    graph = helper.make_graph(nodes, "g", list(inputs), outputs, list(initializers))
    opsets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def one_node(op, *operands, opset=17, outputs=1, domain="", dtype=TensorProto.FLOAT, **attributes):
    """A model of one node named "culprit". Operands: a list is the shape of an input, an array an
    initializer, None absent."""
    names, inputs, initializers = [], [], []
    for i, operand in enumerate(operands):
        names.append("" if operand is None else f"x{i}")
        if isinstance(operand, list):
            inputs.append(value(f"x{i}", operand, dtype))
        elif operand is not None:
            initializers.append(numpy_helper.from_array(np.asarray(operand), f"x{i}"))
    results = ["y"] + [f"y{i}" for i in range(1, outputs)]
    node = helper.make_node(op, names, results, name="culprit", domain=domain, **attributes)
    return model_of([node], inputs, initializers, opset=opset, domains=[domain] if domain else [])


def i64(*values):
    return np.array(values, np.int64)


def f32(*values):
    return np.array(values, np.float32)


def relu_of(tensor):
    """A model whose only initializer is `tensor`."""
    return model_of([helper.make_node("Relu", [tensor.name], ["y"], name="n")], (), [tensor])


def constant_of(tensor):
    """A model whose only node is a Constant of `tensor`."""
    return model_of([helper.make_node("Constant", [], ["y"], name="culprit", value=tensor)])


def tensor_of(dims, raw, dtype=TensorProto.FLOAT):
    tensor = TensorProto(name="culprit", data_type=dtype)
    tensor.dims.extend(dims)
    tensor.raw_data = raw
    return tensor


def chain(count, op="Relu"):
    nodes = [helper.make_node(op, [f"t{i}" if i else "x"], [f"t{i + 1}"]) for i in range(count)]
    return model_of(nodes, [value("x", [2])], outputs=[f"t{count}"])


def nested_if(depth):
    """`depth` If nodes inside one another, as bytes."""
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["r0"])], "b", [], [value("r0", [1])])
    content = graph.SerializeToString()
    for i in range(1, depth + 1):
        other = helper.make_graph([helper.make_node("Identity", ["x"], [f"e{i}"])], "e", [], [value(f"e{i}", [1])])
        branches = {"then_branch": content, "else_branch": other.SerializeToString()}
        node = helper.make_node("If", ["c"], [f"r{i}"], name=f"culprit{i}").SerializeToString()
        for name, branch in branches.items():
            attribute = onnx.AttributeProto(name=name, type=onnx.AttributeProto.GRAPH)
            node += field(5, attribute.SerializeToString() + field(6, branch))
        content = field(1, node) + field(2, b"b") + field(12, value(f"r{i}", [1]).SerializeToString())
    for given in (value("c", [], TensorProto.BOOL), value("x", [1])):
        content += field(11, given.SerializeToString())
    opset = helper.make_opsetid("", 17).SerializeToString()
    return b"\x08\x08" + field(7, content) + field(8, opset)
