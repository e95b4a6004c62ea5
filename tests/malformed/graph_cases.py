"""Models that parse, with tensors, names or an order of nodes that break a rule."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from corpus import chain, constant_of, model_of, one_node, relu_of, tensor_of, value


def node(op, inputs, outputs, name="culprit", **attributes):
    return helper.make_node(op, inputs, outputs, name=name, **attributes)


def add_tensor_cases(corpus):
    sixteen = bytes(16)
    unset = TensorProto(name="culprit", dims=[1], raw_data=bytes(4))
    typed = TensorProto(name="culprit", data_type=TensorProto.FLOAT, dims=[4], float_data=[1, 2, 3])
    wrong_field = TensorProto(name="culprit", data_type=TensorProto.FLOAT, dims=[2], int64_data=[1, 2])
    segment = tensor_of([4], sixteen)
    segment.segment.begin, segment.segment.end = 0, 2
    strings = TensorProto(name="culprit", data_type=TensorProto.STRING, dims=[1], string_data=[b"a"])
    refused = {
        "raw_too_short": (tensor_of([5], sixteen), "16"),
        "raw_too_long": (tensor_of([3], sixteen), "16"),
        "raw_odd": (tensor_of([4], bytes(15)), "15"),
        "raw_missing": (TensorProto(name="culprit", data_type=TensorProto.FLOAT, dims=[4]), "4"),
        "typed_too_short": (typed, "3"),
        "typed_missing_terabyte": (TensorProto(name="culprit", data_type=TensorProto.FLOAT, dims=[2**38]), "0 are given"),
        "wrong_typed_field": (wrong_field, "2"),
        "negative_dim": (tensor_of([-4], sixteen), "-4"),
        "two_negative_dims": (tensor_of([-2, -2], sixteen), "-2"),
        "smallest_dim": (tensor_of([-(2**63)], sixteen), "negative"),
        "product_overflows": (tensor_of([2**32, 2**32], sixteen), "overflows"),
        "product_wraps_to_four": (tensor_of([2**62 + 1, 4], sixteen), "overflows"),
        "bytes_overflow": (tensor_of([2**61], sixteen), "overflows"),
        "zero_hides_overflow": (tensor_of([0, 2**40, 2**40], b""), "overflows"),
        "exabyte": (tensor_of([2**58], sixteen), "16"),
        "rank_1000": (tensor_of([1] * 1000, bytes(4)), "rank 1000"),
        "rank_17": (tensor_of([1] * 17, bytes(4)), "rank 17"),
        "data_type_unset": (unset, "data type"),
        "data_type_999": (tensor_of([4], sixteen, 999), "999"),
        "data_type_negative": (tensor_of([4], sixteen, -1), "-1"),
        "data_type_uint64": (tensor_of([2], sixteen, TensorProto.UINT64), "UINT64"),
        "data_type_complex": (tensor_of([2], sixteen, TensorProto.COMPLEX64), "COMPLEX64"),
        "segment": (segment, "segment"),
        "strings": (strings, "STRING"),
    }
    loading = {
        "scalar": tensor_of([], bytes(4)),
        "no_elements": tensor_of([0], b""),
        "no_elements_but_huge": tensor_of([0, 2**60], b""),
        "rank_16": tensor_of([1] * 16, bytes(4)),
        "not_a_number": tensor_of([1], b"\x00\x00\xc0\x7f"),
    }
    for place, build in (("initializer", relu_of), ("constant", constant_of)):
        for name, (tensor, message) in refused.items():
            corpus.add(f"tensor_{name}_{place}", build(tensor), "culprit", message)
        for name, tensor in loading.items():
            corpus.add(f"tensor_{name}_{place}", build(tensor), loads=True)


def add_order_cases(corpus):
    x = [value("x", [2])]
    relu = node("Relu", ["x"], ["y"])
    refused = {
        "cycle": ([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"], "n")], "cycle"),
        "own_output": ([node("Add", ["x", "y"], ["y"])], "cycle"),
        "output_twice": ([node("Relu", ["x"], ["y"], "n"), relu], "'y' has two definitions"),
        "output_twice_in_node": ([node("Split", ["x"], ["y", "y"])], "'y' has two definitions"),
        "output_is_input": ([node("Relu", ["x"], ["x"]), node("Relu", ["x"], ["y"], "n")], "'x' has two definitions"),
        "undefined": ([node("Relu", ["ghost"], ["y"])], "'ghost', which nothing defines"),
        "unknown_op": ([node("Frobnicate", ["x"], ["y"])], "Frobnicate"),
        "unknown_domain": ([node("Relu", ["x"], ["y"], domain="evil")], "evil"),
        "empty_op": ([node("", ["x"], ["y"])], "operator"),
        "too_many_outputs": ([node("Relu", ["x"], ["y", "z"])], "output 1"),
        "undefined_in_subgraph": ([captured("ghost")], "'ghost', which nothing defines"),
    }
    for name, (nodes, message) in refused.items():
        corpus.add(f"graph_{name}", model_of(nodes, x), "culprit", message)
    dead = [relu, node("Relu", ["x"], ["unused"], "n")]
    known = model_of([node("Frobnicate", ["x"], ["y"])], x, outputs=[value("y", [2])])
    loading = {
        "unsorted": model_of([node("Relu", ["t"], ["y"]), node("Relu", ["x"], ["t"], "n")], x),
        "dead_node": model_of(dead, x),
        "unknown_op_of_known_type": known,
        "same_node_names": model_of([node("Relu", ["x"], ["t"]), node("Relu", ["t"], ["y"])], x),
        "no_node": model_of([], x, outputs=["x"]),
        "output_listed_twice": model_of([relu], x, outputs=["y", "y"]),
        "subgraph_hides_name": model_of([captured("x")], x + [value("c", [], TensorProto.BOOL)], outputs=[value("y", [2])]),
    }
    for name, model in loading.items():
        corpus.add(f"graph_{name}", model, loads=True)
    corpus.add("graph_output_undefined", model_of([relu], x, outputs=["culprit"]), "'culprit' is not defined")
    corpus.add("graph_no_outputs", model_of([relu], x, outputs=[]), "no outputs")
    corpus.add("graph_input_twice", model_of([node("Relu", ["culprit"], ["y"])], [value("culprit", [2])] * 2), "'culprit' is defined twice")
    corpus.add("graph_loop_forever", endless_loop(), loads=True)


def captured(name):
    """An If whose branches read `name` and call their result "y", as the outer graph does."""
    branch = helper.make_graph([helper.make_node("Relu", [name], ["y"])], "b", [], [value("y", [2])])
    return node("If", ["c" if name == "x" else "x"], ["y"], then_branch=branch, else_branch=branch)


def endless_loop():
    """2^63 - 1 trips: carried along, never run."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["d"]), helper.make_node("Relu", ["v"], ["w"])], "body",
        [value("i", [], TensorProto.INT64), value("c", [], TensorProto.BOOL), value("v", [2])],
        [value("d", [], TensorProto.BOOL), value("w", [2])])
    trips = numpy_helper.from_array(np.int64(2**63 - 1), "trips")
    return model_of([node("Loop", ["trips", "", "x"], ["y"], body=body)], [value("x", [2])], [trips], [value("y", [2])])


def add_declaration_cases(corpus):
    relu = node("Relu", ["culprit"], ["y"])

    def with_input(shape, dtype=TensorProto.FLOAT):
        return model_of([relu], [value("culprit", shape, dtype)])

    corpus.add("input_free_dimension", with_input(["batch", 3]), "culprit", "dimension 0 is free")
    corpus.add("input_without_shape", with_input(None), "culprit", "free")
    corpus.add("input_negative_dimension", with_input([-2]), "culprit", "-2")
    corpus.add("input_overflow", with_input([2**40, 2**40]), "culprit", "overflows")
    corpus.add("input_rank_1000", with_input([1] * 1000), "culprit", "rank 1000")
    corpus.add("input_data_type_999", with_input([1], 999), "culprit", "999")
    corpus.add("input_string", with_input([1], TensorProto.STRING), "culprit", "STRING")
    sequence = model_of([relu], [helper.make_tensor_sequence_value_info("culprit", TensorProto.FLOAT, None)])
    corpus.add("input_sequence", sequence, "culprit", "tensor")
    for opset in (9999, 0, -1, 2**62):
        name = f"opset_{opset}".replace("-", "minus_")
        corpus.add(name, one_node("Relu", [2], opset=opset), name, f"opset {opset} is outside")
    sparse = model_of([relu], [value("culprit", [2])])
    sparse.graph.sparse_initializer.add().dims.extend([2])
    corpus.add("sparse_initializer", sparse, "sparse")


def add_name_cases(corpus):
    def renamed(text):
        """The name as bytes, which the Python classes would not take."""
        model = chain(1)
        model.graph.node[0].name = "N" * len(text)
        return model.SerializeToString().replace(b"N" * len(text), text)

    corpus.add("name_of_a_megabyte", renamed(b"a" * 2**20), "name_of_a_megabyte", "65536")
    for label, text in {
        "markup": b"</script><img src=x onerror=alert(1)>",
        "escape": b"\x1b[31m\x1b]0;title\x07",
        "nul": b"a\x00b",
        "invalid_utf8": b"\xff\xfe\xc0\x80",
        "right_to_left": "\u202egnp.exe".encode(),
        "format": b"%s%n{}{0}",
        "path": b"../../../etc/passwd",
        "longest": b"a" * 65536,
    }.items():
        corpus.add(f"name_{label}", renamed(text), loads=True)
    corpus.add("name_escape_in_error", model_of([helper.make_node("Relu", ["\x1b[31mghost"], ["y"], name="culprit")]), "culprit", "\\x1b[31mghost")
    corpus.add("name_many", chain(100_000), loads=True)


def add_graph_cases(corpus):
    add_tensor_cases(corpus)
    add_order_cases(corpus)
    add_declaration_cases(corpus)
    add_name_cases(corpus)
