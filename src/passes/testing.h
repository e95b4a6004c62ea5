#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "ir/equal.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "passes/passes.h"
#include "reference/executor.h"

namespace nitro::passes {

using Run = Result<bool> (*)(Graph&, const Parameters&);

/// `count` standard normal numbers.
inline std::vector<double> random_values(Random& random, int64_t count) {
  std::vector<double> values(static_cast<size_t>(count));
  for (double& value : values) value = random.normal();
  return values;
}

/// Builds small graphs for tests. Node i has the origin "n<i>" in the module entered last.
class TestGraph {
 public:
  explicit TestGraph(uint64_t seed = 1) : random_(seed) {}

  ValueId input(Shape shape, DType dtype = DType::kF32) {
    const std::string name = "x" + std::to_string(graph_.inputs().size());
    return graph_.add_input(name, {dtype, std::move(shape)});
  }
  ValueId constant(Tensor tensor) { return graph_.add_constant(std::move(tensor)); }
  ValueId scalar(double value, DType dtype = DType::kF32) {
    return constant(Tensor::scalar(dtype, value));
  }
  ValueId values(Shape shape, const std::vector<double>& elements, DType dtype = DType::kF32) {
    return constant(Tensor::of(dtype, std::move(shape), elements));
  }
  ValueId indices(const std::vector<int64_t>& elements) {
    return constant(Tensor::vector(elements));
  }
  /// A constant of random elements.
  ValueId weight(Shape shape, DType dtype = DType::kF32) {
    const int64_t count = element_count(shape);
    return values(std::move(shape), random_values(random_, count), dtype);
  }
  /// A constant of random elements between 0.5 and 1.5.
  ValueId positive(Shape shape) {
    std::vector<double> elements(static_cast<size_t>(element_count(shape)));
    for (double& element : elements) element = random_.uniform(0.5, 1.5);
    return values(std::move(shape), elements);
  }
  void enter(std::string module) { module_ = std::move(module); }
  std::vector<ValueId> nodes(Op op, std::vector<ValueId> inputs) {
    const std::string name = "n" + std::to_string(graph_.nodes().size());
    auto outputs = graph_.add_node(std::move(op), std::move(inputs),
                                   {graph_.add_origin({.node = name, .module = module_})});
    EXPECT_TRUE(outputs.has_value()) << (outputs ? "" : outputs.error().text());
    return outputs.value();
  }
  ValueId node(Op op, std::vector<ValueId> inputs) {
    return nodes(std::move(op), std::move(inputs))[0];
  }
  ValueId add(ValueId a, ValueId b) { return node(Binary{BinaryKind::kAdd}, {a, b}); }
  ValueId sub(ValueId a, ValueId b) { return node(Binary{BinaryKind::kSub}, {a, b}); }
  ValueId mul(ValueId a, ValueId b) { return node(Binary{BinaryKind::kMul}, {a, b}); }
  ValueId div(ValueId a, ValueId b) { return node(Binary{BinaryKind::kDiv}, {a, b}); }
  ValueId unary(UnaryKind kind, ValueId x) { return node(Unary{kind}, {x}); }
  ValueId reshape(ValueId x, Shape shape) { return node(Reshape{std::move(shape)}, {x}); }
  ValueId transpose(ValueId x, Ints perm) { return node(Transpose{std::move(perm)}, {x}); }
  /// x @ w + b on the last axis.
  ValueId linear(ValueId x, int64_t out) {
    const ValueId product = node(MatMul{}, {x, weight({graph_.type(x).shape.back(), out})});
    return add(product, weight({out}));
  }
  ValueId layer_norm(ValueId x) {
    const Shape shape = graph_.type(x).shape;
    const Shape width = {shape.back()};
    const auto axis = static_cast<int64_t>(shape.size()) - 1;
    return node(LayerNormalization{axis, 1e-5}, {x, positive(width), weight(width)});
  }
  const Shape& shape(ValueId value) const { return graph_.type(value).shape; }

  Graph finish(std::vector<ValueId> outputs) {
    graph_.set_outputs(std::move(outputs));
    return std::move(graph_);
  }

 private:
  Random random_;
  Graph graph_;
  std::string module_;
};

/// How many nodes of `graph` are an OpT.
template <class OpT>
size_t count(const Graph& graph) {
  return static_cast<size_t>(std::ranges::count_if(
      graph.nodes(), [](const Node& node) { return std::holds_alternative<OpT>(node.op); }));
}
inline size_t count(const Graph& graph, BinaryKind kind) {
  return static_cast<size_t>(std::ranges::count_if(
      graph.nodes(), [&](const Node& node) { return node.op == Op(Binary{kind}); }));
}

/// The first node of `graph` that is an OpT.
template <class OpT>
const Node& first(const Graph& graph) {
  const auto found = std::ranges::find_if(
      graph.nodes(), [](const Node& node) { return std::holds_alternative<OpT>(node.op); });
  if (found == graph.nodes().end()) throw std::logic_error("no such node");
  return *found;
}

/// Names of the nodes that `node` came from.
inline std::set<std::string> origins(const Graph& graph, const Node& node) {
  std::set<std::string> names;
  for (OriginId id : node.origins) names.insert(graph.origins()[id].node);
  return names;
}

inline std::vector<Tensor> random_inputs(const Graph& graph, uint64_t seed) {
  Random random(seed);
  std::vector<Tensor> inputs;
  for (ValueId input : graph.inputs()) {
    const TensorType& type = graph.type(input);
    inputs.push_back(Tensor::of(type.dtype, type.shape, random_values(random, type.elements())));
  }
  return inputs;
}

/// Both graphs give the same on random inputs, up to `tolerance` times the largest element.
inline void expect_equivalent(const Graph& before, const Graph& after, double tolerance = 1e-5,
                              uint64_t seed = 7) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  const std::vector<Tensor> inputs = random_inputs(before, seed);
  const auto wanted = reference::execute(before, inputs);
  const auto got = reference::execute(after, inputs);
  ASSERT_TRUE(wanted.has_value()) << wanted.error().text();
  ASSERT_TRUE(got.has_value()) << got.error().text();
  ASSERT_EQ(wanted->size(), got->size());
  for (size_t i = 0; i < wanted->size(); ++i) {
    ASSERT_EQ(text((*wanted)[i].type()), text((*got)[i].type()));
    const std::vector<double> a = (*wanted)[i].as<double>(), b = (*got)[i].as<double>();
    double largest = 0, difference = 0;
    bool finite = true;
    for (size_t j = 0; j < a.size(); ++j) {
      finite = finite && std::isfinite(a[j]) && std::isfinite(b[j]);
      largest = std::max(largest, std::abs(a[j]));
      difference = std::max(difference, std::abs(a[j] - b[j]));
    }
    EXPECT_TRUE(finite);
    EXPECT_GT(largest, 0) << "a result of zeros proves nothing";
    EXPECT_LE(difference, tolerance * largest);
  }
}

/// Runs a pass that must change `before`: the result is valid, computes the same, and a second run
/// leaves it as it is.
inline Graph expect_rewrite(Run run, const Graph& before, double tolerance = 1e-5,
                            const Parameters& parameters = {}) {
  Graph after = before;
  const auto changed = run(after, parameters);
  if (!changed) {
    ADD_FAILURE() << changed.error().text();
    return after;
  }
  EXPECT_TRUE(*changed) << print(before, {64});
  const auto valid = verify(after);
  EXPECT_TRUE(valid.has_value()) << valid.error().text();
  expect_equivalent(before, after, tolerance);
  Graph again = after;
  const auto changed_again = run(again, parameters);
  EXPECT_TRUE(changed_again.has_value() && !*changed_again) << print(after, {64});
  EXPECT_TRUE(equal(again, after));
  return after;
}

/// Runs a pass that must leave `graph` as it is.
inline void expect_unchanged(Run run, const Graph& graph, const Parameters& parameters = {}) {
  Graph after = graph;
  const auto changed = run(after, parameters);
  ASSERT_TRUE(changed.has_value()) << changed.error().text();
  EXPECT_FALSE(*changed) << print(after, {64});
  EXPECT_TRUE(equal(after, graph));
}

}  // namespace nitro::passes
