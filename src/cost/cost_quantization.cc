#include "cost/cost.h"

namespace nitro::cost {
namespace {

Cost per_element(double flops, const Shapes& shapes) {
  return streaming(flops * static_cast<double>(shapes.out[0].elements()), shapes);
}

}  // namespace

/// Division, rounding, addition of the zero point and clamping.
template <>
Cost cost(const QuantizeLinear&, const Shapes& shapes) {
  return per_element(4, shapes);
}

/// Subtraction of the zero point and scaling.
template <>
Cost cost(const DequantizeLinear&, const Shapes& shapes) {
  return per_element(2, shapes);
}

/// Minimum and maximum, then as QuantizeLinear.
template <>
Cost cost(const DynamicQuantizeLinear&, const Shapes& shapes) {
  return per_element(6, shapes);
}

}  // namespace nitro::cost
