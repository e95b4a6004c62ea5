#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/random.h"
#include "ir/equal.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "passes/passes.h"
#include "reference/executor.h"

namespace nitro::passes {

/// Whether a pass needs nothing but a graph, and leaves its inputs, outputs and function.
inline bool runs_alone(const Pass& pass) {
  return pass.kind == PassKind::kExact && !pass.parameters.contains("modalities") &&
         !pass.parameters.contains("calibration");
}

using Run = Result<bool> (*)(Graph&, const Parameters&);

/// `count` standard normal numbers.
std::vector<double> random_values(Random& random, int64_t count);

/// Builds small graphs for tests. Node i has the origin "n<i>" in the module entered last.
class TestGraph {
 public:
  explicit TestGraph(uint64_t seed = 1) : random_(seed) {}

  ValueId input(Shape shape, DType dtype = DType::kF32);
  ValueId constant(Tensor tensor);
  ValueId scalar(double value, DType dtype = DType::kF32);
  ValueId values(Shape shape, const std::vector<double>& elements, DType dtype = DType::kF32);
  ValueId indices(const std::vector<int64_t>& elements);
  /// A constant of random elements.
  ValueId weight(Shape shape, DType dtype = DType::kF32);
  /// A constant of random elements between 0.5 and 1.5.
  ValueId positive(Shape shape);
  void enter(std::string module) { module_ = std::move(module); }
  std::vector<ValueId> nodes(Op op, std::vector<ValueId> inputs);
  ValueId node(Op op, std::vector<ValueId> inputs);
  ValueId add(ValueId a, ValueId b);
  ValueId sub(ValueId a, ValueId b);
  ValueId mul(ValueId a, ValueId b);
  ValueId div(ValueId a, ValueId b);
  ValueId unary(UnaryKind kind, ValueId x);
  ValueId reshape(ValueId x, Shape shape);
  ValueId transpose(ValueId x, Ints perm);
  /// x @ w + b on the last axis.
  ValueId linear(ValueId x, int64_t out);
  ValueId layer_norm(ValueId x);
  const Shape& shape(ValueId value) const { return graph_.type(value).shape; }

  Graph finish(std::vector<ValueId> outputs);

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
size_t count(const Graph& graph, BinaryKind kind);

/// The first node of `graph` that is an OpT.
template <class OpT>
const Node& first(const Graph& graph) {
  const auto found = std::ranges::find_if(
      graph.nodes(), [](const Node& node) { return std::holds_alternative<OpT>(node.op); });
  if (found == graph.nodes().end()) throw std::logic_error("no such node");
  return *found;
}

/// Names of the nodes that `node` came from.
std::set<std::string> origins(const Graph& graph, const Node& node);

std::vector<Tensor> random_inputs(const Graph& graph, uint64_t seed);

using CompareTensors = std::function<void(const Tensor& wanted, const Tensor& got)>;
/// Executes both graphs on the same random inputs; `compare` gets each pair of results, which are
/// of one type.
void compare_results(const Graph& before, const Graph& after, uint64_t seed,
                     const CompareTensors& compare);

/// Both graphs give the same on random inputs, up to `tolerance` times the largest element.
void expect_equivalent(const Graph& before, const Graph& after, double tolerance = 1e-5,
                       uint64_t seed = 7);

/// Runs a pass that must change `before`: the result is valid, computes the same, and a second run
/// leaves it as it is.
Graph expect_rewrite(Run run, const Graph& before, double tolerance = 1e-5,
                     const Parameters& parameters = {});

/// Runs a pass that must leave `graph` as it is.
void expect_unchanged(Run run, const Graph& graph, const Parameters& parameters = {});

}  // namespace nitro::passes
