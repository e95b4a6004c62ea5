#pragma once

#include <span>

#include "ir/graph.h"
#include "ir/infer.h"

namespace nitro::cost {

/// Work of one node at its static shapes. A multiply-add is two FLOPs; an elementary function
/// (exp, erf, sqrt, division …) counts as one. Bytes are what must cross the memory interface once
/// if nothing is cached: each operand read once, each result written once.
struct Cost {
  double flops = 0;
  double bytes_read = 0;
  double bytes_written = 0;
  double bytes() const { return bytes_read + bytes_written; }
  Cost& operator+=(const Cost& other);
};

/// Operands and results of the node whose cost is asked for. Only results that are used count as
/// written.
struct Shapes {
  const Operands& in;
  std::span<const TensorType> out;
};

/// `flops`, all operands read and the first result written.
Cost streaming(double flops, const Shapes& shapes);

/// One explicit specialisation per op.
template <class OpT>
Cost cost(const OpT& op, const Shapes& shapes);

/// Cost of a node of `graph`. Opaque nodes: zero FLOPs, their bytes.
Cost cost_of(const Graph& graph, const Node& node);

}  // namespace nitro::cost
