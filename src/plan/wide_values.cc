#include "plan/wide_values.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "plan/trace.h"
#include "reference/executor.h"

namespace nitro::plan {
namespace {

constexpr double kLargestTrusted = 65504.0 / 2;

bool is_wide(const Tensor& tensor) {
  if (!is_float(tensor.dtype())) return false;
  return std::ranges::any_of(tensor.as<double>(), [](double x) {
    return std::isfinite(x) && std::abs(x) > kLargestTrusted;
  });
}

/// Makes all of `values` wide if one is; whether that changes anything.
bool make_alike(std::vector<bool>& wide, const std::vector<ValueId>& values) {
  const auto is_known = [&](ValueId value) { return wide[value]; };
  if (std::ranges::none_of(values, is_known) || std::ranges::all_of(values, is_known)) return false;
  for (ValueId value : values) wide[value] = true;
  return true;
}

/// The values of a node that are all wide or none.
std::vector<ValueId> alike(const Graph& graph, const Node& node) {
  std::vector<ValueId> values;
  if (std::holds_alternative<Attention>(node.op)) {
    values.assign(node.inputs.begin(), node.inputs.begin() + 3);
    values.push_back(node.outputs[0]);
  } else if (moves(graph, node)) {
    values = node.outputs;
    values.push_back(node.inputs[0]);
  }
  return values;
}

}  // namespace

std::vector<Tensor> random_sample(const Graph& graph) {
  Random random(1);
  std::vector<Tensor> sample;
  for (ValueId input : graph.inputs()) {
    const TensorType& type = graph.type(input);
    std::vector<double> numbers(static_cast<size_t>(type.elements()));
    for (double& number : numbers) {
      number = is_float(type.dtype) ? random.normal() : static_cast<double>(random.below(2));
    }
    sample.push_back(Tensor::of(type.dtype, type.shape, numbers));
  }
  return sample;
}

std::vector<bool> wide_values(const Graph& graph, const Samples& samples) {
  std::vector<bool> wide(graph.values().size(), false);
  for (const std::vector<Tensor>& sample : samples) {
    reference::ExecuteOptions options;
    options.made = [&](ValueId value, const Tensor& tensor) {
      if (!wide[value]) wide[value] = is_wide(tensor);
    };
    if (!reference::execute(graph, sample, options)) return std::vector<bool>(wide.size(), false);
    for (size_t i = 0; i < sample.size(); ++i) {
      if (is_wide(sample[i])) wide[graph.inputs()[i]] = true;
    }
  }
  bool changes = std::ranges::find(wide, true) != wide.end();
  while (changes) {
    changes = false;
    for (const Node& node : graph.nodes()) {
      const std::vector<ValueId> values = alike(graph, node);
      if (!values.empty() && make_alike(wide, values)) changes = true;
    }
  }
  return wide;
}

}  // namespace nitro::plan
