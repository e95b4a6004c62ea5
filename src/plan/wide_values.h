#pragma once

#include <vector>

#include "ir/graph.h"

namespace nitro::plan {

/// Sets of inputs of a graph.
using Samples = std::vector<std::vector<Tensor>>;

/// One set for a graph: floats normally distributed, integers 0 or 1.
std::vector<Tensor> random_sample(const Graph& graph);

/// For each value whether f16 cannot be trusted to hold it: on one of the samples, inputs of
/// `graph`, an element goes beyond half of what f16 can hold. Values that movement makes of each
/// other are alike, and so are operands and result of an attention. Runs the graph on the
/// processor: seconds at most for models of small devices. Nothing is wide where that fails.
std::vector<bool> wide_values(const Graph& graph, const Samples& samples);

}  // namespace nitro::plan
