#include <algorithm>
#include <map>

#include "cost/cost.h"
#include "ir/attention_sizes.h"
#include "ir/einsum_terms.h"

namespace nitro::cost {
namespace {

double elements(const TensorType& type) { return static_cast<double>(type.elements()); }

/// Multiply-adds of a product whose left operand is contracted along `inner`.
double product(const Shapes& shapes, int64_t inner) {
  return 2 * elements(shapes.out[0]) * static_cast<double>(inner);
}

int64_t inner_size(const TensorType& a, bool transposed) {
  return a.shape[a.shape.size() - (transposed ? 2 : 1)];
}

/// FLOPs per output element of one channel of weights [M, C/group, kernel…].
double taps(const TensorType& weights) {
  return 2 * elements(weights) / static_cast<double>(std::max<int64_t>(1, weights.shape[0]));
}

double bias(const Shapes& shapes, size_t i) {
  return shapes.in.has(i) ? elements(shapes.out[0]) : 0;
}

/// Query and key pairs that are not masked out by causality.
double visible_pairs(const AttentionSizes& sizes, bool causal) {
  const auto queries = static_cast<double>(sizes.queries);
  const auto keys = static_cast<double>(sizes.keys);
  if (!causal) return queries * keys;
  const double triangle = std::min(queries, keys);
  return triangle * (triangle + 1) / 2 + (queries - triangle) * keys;
}

}  // namespace

template <>
Cost cost(const MatMul& op, const Shapes& shapes) {
  const double scaling = op.alpha == 1 ? 0 : elements(shapes.out[0]);
  return streaming(product(shapes, inner_size(shapes.in[0], op.transpose_a)) + scaling, shapes);
}

template <>
Cost cost(const Gemm& op, const Shapes& shapes) {
  double flops = product(shapes, inner_size(shapes.in[0], op.transpose_a)) + bias(shapes, 2);
  if (op.alpha != 1) flops += elements(shapes.out[0]);
  if (op.beta != 1) flops += bias(shapes, 2);
  return streaming(flops, shapes);
}

/// As one loop nest over all axes: per point one product of all operands and one addition where an
/// axis is summed.
template <>
Cost cost(const Einsum& op, const Shapes& shapes) {
  const auto terms = parse_einsum(op.equation);
  if (!terms) return streaming(0, shapes);
  std::map<char, double> lengths;
  for (size_t i = 0; i < terms->operands.size(); ++i) {
    for (size_t axis = 0; axis < terms->operands[i].size(); ++axis) {
      double& length = lengths[terms->operands[i][axis]];
      length = std::max(length, static_cast<double>(shapes.in[i].shape[axis]));
    }
  }
  double points = 1;
  for (const auto& [axis, length] : lengths) points *= length;
  const bool sums = lengths.size() > terms->result.size();
  return streaming(points * static_cast<double>(terms->operands.size() - (sums ? 0 : 1)), shapes);
}

template <>
Cost cost(const Conv&, const Shapes& shapes) {
  return streaming(elements(shapes.out[0]) * taps(shapes.in[1]) + bias(shapes, 2), shapes);
}

template <>
Cost cost(const ConvInteger&, const Shapes& shapes) {
  return streaming(elements(shapes.out[0]) * taps(shapes.in[1]), shapes);
}

/// Each input element meets every tap of the weights of its channel.
template <>
Cost cost(const ConvTranspose&, const Shapes& shapes) {
  return streaming(elements(shapes.in[0]) * taps(shapes.in[1]) + bias(shapes, 2), shapes);
}

/// Both products and, per score, scaling, the five of softmax, bias and soft cap.
template <>
Cost cost(const Attention& op, const Shapes& shapes) {
  const auto sizes = attention_sizes(op, shapes.in);
  if (!sizes) return streaming(0, shapes);
  const double pairs = static_cast<double>(sizes->batch) * static_cast<double>(sizes->heads) *
                       visible_pairs(*sizes, op.causal);
  double per_pair = 2 * static_cast<double>(sizes->head_size + sizes->value_size) + 6;
  if (shapes.in.has(3)) per_pair += 1;
  if (op.softcap != 0) per_pair += 3;
  return streaming(pairs * per_pair, shapes);
}

template <>
Cost cost(const MatMulInteger&, const Shapes& shapes) {
  return streaming(product(shapes, inner_size(shapes.in[0], false)), shapes);
}

}  // namespace nitro::cost
