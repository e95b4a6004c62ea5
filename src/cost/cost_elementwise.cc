#include "cost/cost.h"

namespace nitro::cost {
namespace {

double flops_per_element(UnaryKind kind) {
  switch (kind) {
    case UnaryKind::kSoftplus:
    case UnaryKind::kSoftsign:
      return 3;
    case UnaryKind::kSigmoid:
      return 4;
    case UnaryKind::kHardSwish:
    case UnaryKind::kMish:
      return 5;
    default:
      return 1;
  }
}

double flops_per_element(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kIsInf:
    case ActivationKind::kThresholdedRelu:
      return 1;
    case ActivationKind::kLeakyRelu:
      return 2;
    case ActivationKind::kShrink:
      return 3;
    case ActivationKind::kElu:
    case ActivationKind::kHardSigmoid:
      return 4;
    case ActivationKind::kSelu:
    case ActivationKind::kCelu:
      return 5;
    case ActivationKind::kSwish:
      return 6;
  }
  return 1;
}

Cost per_element(double flops, const Shapes& shapes) {
  return streaming(flops * static_cast<double>(shapes.out[0].elements()), shapes);
}

}  // namespace

template <>
Cost cost(const Unary& op, const Shapes& shapes) {
  return per_element(flops_per_element(op.kind), shapes);
}

template <>
Cost cost(const Activation& op, const Shapes& shapes) {
  return per_element(flops_per_element(op.kind), shapes);
}

/// x/2 * (1 + erf(x / sqrt 2)), or the tanh of a cubic polynomial; one more for the bias.
template <>
Cost cost(const Gelu& op, const Shapes& shapes) {
  return per_element((op.tanh ? 9 : 5) + (shapes.in.has(1) ? 1 : 0), shapes);
}

template <>
Cost cost(const Clip&, const Shapes& shapes) {
  return per_element(2, shapes);
}

template <>
Cost cost(const Binary& op, const Shapes& shapes) {
  return per_element(op.kind == BinaryKind::kPRelu ? 2 : 1, shapes);
}

template <>
Cost cost(const Where&, const Shapes& shapes) {
  return streaming(0, shapes);
}

template <>
Cost cost(const Cast&, const Shapes& shapes) {
  return streaming(0, shapes);
}

}  // namespace nitro::cost
