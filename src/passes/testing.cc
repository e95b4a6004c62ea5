#include "passes/testing.h"

namespace nitro::passes {

std::vector<double> random_values(Random& random, int64_t count) {
  std::vector<double> values(static_cast<size_t>(count));
  for (double& value : values) value = random.normal();
  return values;
}

ValueId TestGraph::input(Shape shape, DType dtype) {
  const std::string name = "x" + std::to_string(graph_.inputs().size());
  return graph_.add_input(name, {dtype, std::move(shape)});
}

ValueId TestGraph::constant(Tensor tensor) { return graph_.add_constant(std::move(tensor)); }
ValueId TestGraph::scalar(double value, DType dtype) {
  return constant(Tensor::scalar(dtype, value));
}

ValueId TestGraph::values(Shape shape, const std::vector<double>& elements, DType dtype) {
  return constant(Tensor::of(dtype, std::move(shape), elements));
}

ValueId TestGraph::indices(const std::vector<int64_t>& elements) {
  return constant(Tensor::vector(elements));
}

ValueId TestGraph::weight(Shape shape, DType dtype) {
  const int64_t count = element_count(shape);
  return values(std::move(shape), random_values(random_, count), dtype);
}

ValueId TestGraph::positive(Shape shape) {
  std::vector<double> elements(static_cast<size_t>(element_count(shape)));
  for (double& element : elements) element = random_.uniform(0.5, 1.5);
  return values(std::move(shape), elements);
}

std::vector<ValueId> TestGraph::nodes(Op op, std::vector<ValueId> inputs) {
  const std::string name = "n" + std::to_string(graph_.nodes().size());
  auto outputs = graph_.add_node(std::move(op), std::move(inputs),
                                 {graph_.add_origin({.node = name, .module = module_})});
  EXPECT_TRUE(outputs.has_value()) << (outputs ? "" : outputs.error().text());
  return outputs.value();
}

ValueId TestGraph::node(Op op, std::vector<ValueId> inputs) {
  return nodes(std::move(op), std::move(inputs))[0];
}

ValueId TestGraph::add(ValueId a, ValueId b) { return node(Binary{BinaryKind::kAdd}, {a, b}); }
ValueId TestGraph::sub(ValueId a, ValueId b) { return node(Binary{BinaryKind::kSub}, {a, b}); }
ValueId TestGraph::mul(ValueId a, ValueId b) { return node(Binary{BinaryKind::kMul}, {a, b}); }
ValueId TestGraph::div(ValueId a, ValueId b) { return node(Binary{BinaryKind::kDiv}, {a, b}); }
ValueId TestGraph::unary(UnaryKind kind, ValueId x) { return node(Unary{kind}, {x}); }
ValueId TestGraph::reshape(ValueId x, Shape shape) { return node(Reshape{std::move(shape)}, {x}); }
ValueId TestGraph::transpose(ValueId x, Ints perm) { return node(Transpose{std::move(perm)}, {x}); }
ValueId TestGraph::linear(ValueId x, int64_t out) {
  const ValueId product = node(MatMul{}, {x, weight({graph_.type(x).shape.back(), out})});
  return add(product, weight({out}));
}

ValueId TestGraph::layer_norm(ValueId x) {
  const Shape shape = graph_.type(x).shape;
  const Shape width = {shape.back()};
  const auto axis = static_cast<int64_t>(shape.size()) - 1;
  return node(LayerNormalization{axis, 1e-5}, {x, positive(width), weight(width)});
}

Graph TestGraph::finish(std::vector<ValueId> outputs) {
  graph_.set_outputs(std::move(outputs));
  return std::move(graph_);
}

size_t count(const Graph& graph, BinaryKind kind) {
  return static_cast<size_t>(std::ranges::count_if(
      graph.nodes(), [&](const Node& node) { return node.op == Op(Binary{kind}); }));
}

std::set<std::string> origins(const Graph& graph, const Node& node) {
  std::set<std::string> names;
  for (OriginId id : node.origins) names.insert(graph.origins()[id].node);
  return names;
}

std::vector<Tensor> random_inputs(const Graph& graph, uint64_t seed) {
  Random random(seed);
  std::vector<Tensor> inputs;
  for (ValueId input : graph.inputs()) {
    const TensorType& type = graph.type(input);
    inputs.push_back(Tensor::of(type.dtype, type.shape, random_values(random, type.elements())));
  }
  return inputs;
}

void compare_results(const Graph& before, const Graph& after, uint64_t seed,
                     const CompareTensors& compare) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  const std::vector<Tensor> inputs = random_inputs(before, seed);
  const auto wanted = reference::execute(before, inputs);
  const auto got = reference::execute(after, inputs);
  ASSERT_TRUE(wanted.has_value()) << wanted.error().text();
  ASSERT_TRUE(got.has_value()) << got.error().text();
  ASSERT_EQ(wanted->size(), got->size());
  for (size_t i = 0; i < wanted->size(); ++i) {
    ASSERT_EQ(text((*wanted)[i].type()), text((*got)[i].type()));
    compare((*wanted)[i], (*got)[i]);
  }
}

void expect_equivalent(const Graph& before, const Graph& after, double tolerance, uint64_t seed) {
  compare_results(before, after, seed, [&](const Tensor& wanted, const Tensor& got) {
    const std::vector<double> a = wanted.as<double>(), b = got.as<double>();
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
  });
}

Graph expect_rewrite(Run run, const Graph& before, double tolerance, const Parameters& parameters) {
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

void expect_unchanged(Run run, const Graph& graph, const Parameters& parameters) {
  Graph after = graph;
  const auto changed = run(after, parameters);
  ASSERT_TRUE(changed.has_value()) << changed.error().text();
  EXPECT_FALSE(*changed) << print(after, {64});
  EXPECT_TRUE(equal(after, graph));
}

}  // namespace nitro::passes
