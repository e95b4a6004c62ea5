#pragma once

#include <optional>

#include "ir/graph.h"

namespace nitro::passes {

/// The op of the node that makes `value`, if it is an OpT.
template <class OpT>
const OpT* made_by(const Graph& graph, ValueId value) {
  const Node* node = graph.producer(value);
  return node ? std::get_if<OpT>(&node->op) : nullptr;
}

/// The node that makes `value`, if it is the unary or binary of that kind.
const Node* made_by(const Graph& graph, ValueId value, UnaryKind kind);
const Node* made_by(const Graph& graph, ValueId value, BinaryKind kind);

/// The one value that all elements of a constant have.
std::optional<double> splat(const Graph& graph, ValueId value);

/// A binary with one splat constant: the other operand and the constant.
struct WithScalar {
  const Node* node;
  ValueId operand;
  double scalar;
};
/// Of the commutative binary that makes `value`; for Div and Sub the scalar must be the second
/// operand.
std::optional<WithScalar> with_scalar(const Graph& graph, ValueId value, BinaryKind kind);

/// x @ weight + bias on the last axis, as MatMul or MatMul + Add, with a constant 2-D weight.
struct Linear {
  ValueId x;
  ValueId weight;           // [in, out]
  ValueId bias = kNoValue;  // [out] constant
  std::vector<const Node*> nodes;
};
/// The linear layer that ends in `value`; its inner value is read only by it.
std::optional<Linear> linear(const Graph& graph, const std::vector<uint32_t>& uses, ValueId value);

/// All but the last dimension, multiplied.
int64_t rows_of(const Shape& shape);

}  // namespace nitro::passes
