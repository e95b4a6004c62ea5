"""Models whose functions, or branches of a known condition, break a rule or ask for too much."""

import numpy as np
import onnx
from onnx import helper, parser

from corpus import value, model_of

HEADER = '<ir_version: 10, opset_import: ["": 17, "local": 1]>'
FUNCTION = '<domain: "local", opset_import: ["": 17, "local": 1]>'


def with_functions(call, *functions):
    """`call` computes y from x, both f32[2]."""
    text = f"{HEADER}\ng (float[2] x) => (float[2] y) {{ {call} }}"
    for function in functions:
        text += f"\n{FUNCTION}\n{function}"
    return parser.parse_model(text)


def cascade(levels, calls):
    """f0 calls f1 `calls` times, f1 calls f2 ..., the last one is a Relu."""
    functions = []
    for level in range(levels):
        called = f"local.f{level + 1}" if level + 1 < levels else "Relu"
        body = [f"t{i + 1} = {called}(t{i})" for i in range(calls)]
        functions.append(f"f{level} (t0) => (t{calls}) {{ {' '.join(body)} }}")
    return with_functions("y = local.f0(x)", *functions)


def large_constant_copied():
    model = with_functions("y = local.f(x)", "f (a) => (b) { b = Relu(a) }")
    weight = onnx.numpy_helper.from_array(np.zeros(2**18, np.float32))
    model.functions[0].node.append(helper.make_node("Constant", [], ["w"], value=weight))
    for i in range(2000):
        model.graph.node.append(helper.make_node("f", ["x"], [f"t{i}"], domain="local"))
    return model


MEGABYTE = "m" * 2**20
COPIES = 2000


def attribute_copied():
    """One node refers COPIES times to an attribute of a megabyte."""
    model = with_functions("y = local.f(x)", "f <s> (a) => (b) { b = Relu(a) }")
    model.graph.node[0].attribute.append(helper.make_attribute("s", MEGABYTE))
    for i in range(COPIES):
        model.functions[0].node[0].attribute.add(name=f"r{i}", ref_attr_name="s", type=onnx.AttributeProto.STRING)
    return model


def with_large_metadata(model):
    model.graph.node[0].metadata_props.add(key="namespace", value=MEGABYTE)
    return model


def metadata_copied_into_subgraph():
    model = with_functions("y = local.f(x)", "f (a) => (b) { b = Relu(a) }")
    nodes = [helper.make_node("Relu", ["a"], [f"t{i}"]) for i in range(COPIES)]
    branch = helper.make_graph(nodes, "then", [], [value("t0", None)])
    model.functions[0].node.append(helper.make_node("If", ["a"], ["c"], then_branch=branch))
    return with_large_metadata(model)


def metadata_copied_to_outputs():
    """Each result but the first is an Identity that takes the metadata of the call."""
    model = with_functions("y = local.f(x)", "f (a) => (b) { b = Relu(a) }")
    model.functions[0].output.extend(["b"] * COPIES)
    model.graph.node[0].output.extend(f"t{i}" for i in range(COPIES))
    return with_large_metadata(model)


def value_info_copied():
    model = with_functions("y = local.f(x)", "f (a) => (b) { b = Relu(a) }")
    model.functions[0].value_info.add(name="b", doc_string=MEGABYTE)
    for i in range(COPIES):
        model.graph.node.append(helper.make_node("f", ["x"], [f"t{i}"], domain="local"))
    return model


def add_copy_cases(corpus):
    for make in (large_constant_copied, attribute_copied, metadata_copied_into_subgraph, metadata_copied_to_outputs, value_info_copied):
        corpus.add(f"function_{make.__name__}", make(), "functions expand to more than")


def add_call_cases(corpus):
    identity = "culprit (a) => (b) { b = Relu(a) }"
    refused = {
        "calls_itself": (with_functions("y = local.culprit(x)", "culprit (a) => (b) { b = local.culprit(a) }"), "calls itself"),
        "call_each_other": (with_functions("y = local.culprit(x)", "culprit (a) => (b) { b = local.g(a) }", "g (a) => (b) { b = local.culprit(a) }"), "calls itself"),
        "defined_twice": (with_functions("y = local.culprit(x)", identity, identity), "defined twice"),
        "two_inputs_of_one_name": (with_functions("y = local.culprit(x, x)", "culprit (a, a) => (b) { b = Relu(a) }"), "two inputs 'a'"),
        "too_many_operands": (with_functions("y = local.culprit(x, x)", identity), "2 inputs"),
        "too_many_results": (with_functions("y, z = local.culprit(x)", identity), "2 outputs"),
        "undefined": (with_functions("y = local.f(x)", "f (a) => (b) { b = Relu(culprit) }"), "nothing defines"),
        "cycle": (with_functions("y = local.culprit(x)", "culprit (a) => (b) { b = Add(a, c) c = Relu(b) }"), "cycle"),
        "result_not_made": (with_functions("y = local.f(x)", "f (a) => (culprit) { b = Relu(a) }"), "'y' is not defined"),
    }
    for name, (model, message) in refused.items():
        named = [] if name == "result_not_made" else ["culprit"]
        corpus.add(f"function_{name}", model, *named, message)
    corpus.add("function_billion_laughs", cascade(40, 10), "functions expand to more than")
    corpus.add("function_deep", cascade(70, 1), "nested deeper than the limit of 64")
    corpus.add("function_deep_enough", cascade(60, 1), loads=True)
    corpus.add("function_unused_recursion", with_functions("y = Relu(x)", "f (a) => (b) { b = local.f(a) }"), loads=True)
    corpus.add("function_passes_its_input", with_functions("y = local.f(x)", "f (a) => (a) { b = Relu(a) }"), loads=True)
    corpus.add("function_without_operand", with_functions("y = local.f(x)", "f (a, low) => (b) { b = Clip(a, low) }"), loads=True)
    long_names = cascade(60, 2**4)
    for function in long_names.functions:
        function.node[0].name = "n" * 60000
    corpus.add("function_long_scopes", long_names, "functions expand to more than")


def branching(nodes, outputs, results=("y",)):
    """An If that takes its then_branch."""
    then = helper.make_graph(nodes, "then", [], [value(o, None) for o in outputs])
    other = helper.make_graph([], "else", [], [value("x", None)] * len(results))
    node = helper.make_node("If", ["c"], list(results), name="culprit", then_branch=then, else_branch=other)
    condition = onnx.numpy_helper.from_array(np.array(True), "c")
    return model_of([node], [value("x", [2])], [condition])


def add_branch_cases(corpus):
    relu = helper.make_node("Relu", ["x"], ["t"], name="n")
    refused = {
        "undefined": (branching([helper.make_node("Relu", ["ghost"], ["t"])], ["t"]), "ghost"),
        "output_undefined": (branching([relu], ["ghost"]), "ghost"),
        "output_count": (branching([relu], ["t", "t"]), "If"),
        "cycle": (branching([helper.make_node("Add", ["x", "t"], ["t"])], ["t"]), "cycle"),
        "output_twice": (branching([relu, relu], ["t"]), "two definitions"),
    }
    for name, (model, message) in refused.items():
        corpus.add(f"branch_{name}", model, "culprit", message)
    missing = branching([relu], ["t"])
    del missing.graph.node[0].attribute[:]
    corpus.add("branch_missing", missing, "culprit", "If")
    corpus.add("branch_taken", branching([relu], ["t"]), loads=True)
    corpus.add("branch_names_of_outside", branching([helper.make_node("Relu", ["x"], ["y"])], ["y"]), loads=True)


def add_function_cases(corpus):
    add_call_cases(corpus)
    add_copy_cases(corpus)
    add_branch_cases(corpus)
