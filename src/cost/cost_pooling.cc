#include <algorithm>
#include <cmath>

#include "cost/cost.h"

namespace nitro::cost {
namespace {

double elements(const TensorType& type) { return static_cast<double>(type.elements()); }

/// Operations per element that go into one reduced value.
double per_element(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::kL1:
    case ReduceKind::kL2:
    case ReduceKind::kSumSquare:
      return 2;
    case ReduceKind::kLogSumExp:
      return 4;  // maximum, subtraction, exp, sum
    default:
      return 1;
  }
}

/// Operations per result after the loop over the elements.
double per_result(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::kMean:
    case ReduceKind::kL2:
    case ReduceKind::kLogSum:
      return 1;
    case ReduceKind::kLogSumExp:
      return 2;
    default:
      return 0;
  }
}

/// Source elements that one interpolated value weighs, along one axis.
double taps(Interpolation mode) {
  switch (mode) {
    case Interpolation::kNearest:
      return 1;
    case Interpolation::kLinear:
      return 2;
    case Interpolation::kCubic:
      break;
  }
  return 4;
}

}  // namespace

template <>
Cost cost(const Pool& op, const Shapes& shapes) {
  double window = 1;
  for (int64_t size : op.kernel) window *= static_cast<double>(size);
  if (op.kind == PoolKind::kAverage) window += 1;
  if (op.kind == PoolKind::kLp) window = 2 * window + 1;
  return streaming(elements(shapes.out[0]) * window, shapes);
}

template <>
Cost cost(const Reduce& op, const Shapes& shapes) {
  return streaming(
      per_element(op.kind) * elements(shapes.in[0]) + per_result(op.kind) * elements(shapes.out[0]),
      shapes);
}

/// A multiply-add per tap; axes that keep their size have one tap and cost nothing.
template <>
Cost cost(const Resize& op, const Shapes& shapes) {
  double window = 1;
  for (size_t axis = 0; axis < op.scales.size(); ++axis) {
    if (op.scales[axis] == 1) continue;
    const double stretch = op.antialias ? std::max(1.0, 1 / op.scales[axis]) : 1;
    window *= taps(op.mode) * (op.mode == Interpolation::kNearest ? 1 : std::ceil(stretch));
  }
  Cost result = streaming(window == 1 ? 0 : 2 * window * elements(shapes.out[0]), shapes);
  const double delivered = window * static_cast<double>(shapes.out[0].bytes());
  result.bytes_read = std::min(result.bytes_read, delivered);
  return result;
}

template <>
Cost cost(const GridSample& op, const Shapes& shapes) {
  const auto axes = static_cast<double>(shapes.in[0].rank() - 2);
  const double window = std::pow(taps(op.mode), axes);
  const double positions = elements(shapes.in[1]);  // each denormalised by a multiply-add
  Cost result = streaming(2 * positions + 2 * window * elements(shapes.out[0]), shapes);
  const double delivered = window * static_cast<double>(shapes.out[0].bytes());
  result.bytes_read = std::min(static_cast<double>(shapes.in[0].bytes()), delivered) +
                      static_cast<double>(shapes.in[1].bytes());
  return result;
}

}  // namespace nitro::cost
