#include "cost/cost.h"

namespace nitro::cost {
namespace {

Cost per_element(double flops, const Shapes& shapes) {
  return streaming(flops * static_cast<double>(shapes.out[0].elements()), shapes);
}

/// Sum, subtraction of the mean, square, sum, multiplication by the inverse standard deviation and
/// by the scale.
constexpr double kTwoPassNormalization = 6;

double has(const Shapes& shapes, size_t i) { return shapes.in.has(i) ? 1 : 0; }

}  // namespace

template <>
Cost cost(const LayerNormalization&, const Shapes& shapes) {
  return per_element(kTwoPassNormalization + has(shapes, 2), shapes);
}

template <>
Cost cost(const SkipLayerNormalization&, const Shapes& shapes) {
  return per_element(kTwoPassNormalization + 1 + has(shapes, 3) + has(shapes, 4), shapes);
}

/// Square, sum, and the multiplications by the inverse root and by the scale.
template <>
Cost cost(const RMSNormalization&, const Shapes& shapes) {
  return per_element(4, shapes);
}

template <>
Cost cost(const GroupNormalization&, const Shapes& shapes) {
  return per_element(kTwoPassNormalization + 1, shapes);
}

/// One multiply-add; factor and offset are prepared per channel.
template <>
Cost cost(const BatchNormalization&, const Shapes& shapes) {
  return per_element(2, shapes);
}

template <>
Cost cost(const LpNormalization&, const Shapes& shapes) {
  return per_element(3, shapes);
}

/// A square per tap and its sum, then scaling, power and division.
template <>
Cost cost(const LRN& op, const Shapes& shapes) {
  return per_element(2 * static_cast<double>(op.size) + 4, shapes);
}

/// Maximum, subtraction, exp, sum and division per element.
template <>
Cost cost(const Softmax&, const Shapes& shapes) {
  return per_element(5, shapes);
}

}  // namespace nitro::cost
