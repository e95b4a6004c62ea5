#include <algorithm>
#include <cmath>

#include "cost/cost.h"

namespace nitro::cost {
namespace {

/// Reads the indices and, of the data, what is delivered.
Cost gathered(const Shapes& shapes) {
  const auto delivered = static_cast<double>(shapes.out[0].bytes());
  return {0, delivered + static_cast<double>(shapes.in[1].bytes()), delivered};
}

Cost scattered(ScatterReduction reduction, const Shapes& shapes) {
  const auto updates = static_cast<double>(shapes.in[2].elements());
  return streaming(reduction == ScatterReduction::kNone ? 0 : updates, shapes);
}

}  // namespace

template <>
Cost cost(const Gather&, const Shapes& shapes) {
  return gathered(shapes);
}

template <>
Cost cost(const GatherElements&, const Shapes& shapes) {
  return gathered(shapes);
}

template <>
Cost cost(const GatherND&, const Shapes& shapes) {
  return gathered(shapes);
}

template <>
Cost cost(const ScatterElements& op, const Shapes& shapes) {
  return scattered(op.reduction, shapes);
}

template <>
Cost cost(const ScatterND& op, const Shapes& shapes) {
  return scattered(op.reduction, shapes);
}

template <>
Cost cost(const OneHot&, const Shapes& shapes) {
  return streaming(0, shapes);
}

/// A heap of k elements: log2(k) comparisons per element of x.
template <>
Cost cost(const TopK& op, const Shapes& shapes) {
  const double comparisons = std::max(1.0, std::log2(std::max(1.0, static_cast<double>(op.k))));
  Cost result = streaming(comparisons * static_cast<double>(shapes.in[0].elements()), shapes);
  result.bytes_written += static_cast<double>(shapes.out[1].bytes());
  return result;
}

template <>
Cost cost(const ArgReduce&, const Shapes& shapes) {
  return streaming(static_cast<double>(shapes.in[0].elements()), shapes);
}

template <>
Cost cost(const CumSum&, const Shapes& shapes) {
  return streaming(static_cast<double>(shapes.in[0].elements()), shapes);
}

template <>
Cost cost(const ReverseSequence&, const Shapes& shapes) {
  return streaming(0, shapes);
}

}  // namespace nitro::cost
