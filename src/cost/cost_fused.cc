#include "cost/cost.h"

namespace nitro::cost {

/// The projection, both products of the attention, and scale, bias and softmax of the scores.
template <>
Cost cost(const ProjectedAttention& op, const Shapes& shapes) {
  const Shape& x = shapes.in[0].shape;
  const auto tokens = static_cast<double>(x[0] * x[1]);
  const auto packed = static_cast<double>(shapes.in[1].shape[1]);
  const auto row = static_cast<double>(x[1]);
  const double projection = 2 * tokens * static_cast<double>(x[2]) * packed + tokens * packed;
  const double products = 4 * tokens * row * packed / 3;
  const double softmax = 7 * tokens * row * static_cast<double>(op.heads);
  return streaming(projection + products + softmax, shapes);
}

}  // namespace nitro::cost
