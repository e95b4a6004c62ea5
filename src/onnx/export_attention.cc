#include <cmath>

#include "ir/attention_sizes.h"
#include "onnx/export_chain.h"

namespace nitro::onnx {
namespace {

Result<AttentionSizes> sizes_of(const Attention& op, const ExportNode& node) {
  const TensorType* types[] = {&node.input_type(0), &node.input_type(1), &node.input_type(2)};
  return attention_sizes(op, Operands(Attention::kName, types));
}

bool has_bias(const ExportNode& node) { return !node.input(3).empty(); }

/// Minus infinity for each key behind its query.
Tensor causal_mask(const AttentionSizes& sizes, DType dtype) {
  std::vector<double> mask;
  for (int64_t query = 0; query < sizes.queries; ++query) {
    for (int64_t key = 0; key < sizes.keys; ++key) mask.push_back(key > query ? -INFINITY : 0);
  }
  return Tensor::of(dtype, {sizes.queries, sizes.keys}, mask);
}

/// The bias as numbers to be added.
std::string additive_bias(ExportNode& node, ExportChain& chain) {
  if (node.input_type(3).dtype != DType::kBool) return node.input(3);
  return chain.add("Where", {node.input(3), chain.scalar(0), chain.scalar(-INFINITY)});
}

/// Operand `i` as [batch, query heads, tokens, size].
std::string by_head(ExportNode& node, ExportChain& chain, size_t i, int64_t heads,
                    int64_t query_heads) {
  std::string name = node.input(i);
  Shape shape = node.input_type(i).shape;
  if (shape.size() == 3) {
    name = chain.transpose(chain.reshape(name, {shape[0], shape[1], heads, shape[2] / heads}),
                           {0, 2, 1, 3});
    shape = {shape[0], heads, shape[1], shape[2] / heads};
  }
  if (heads == query_heads) return name;
  const int64_t shared = query_heads / heads;
  name = chain.reshape(name, {shape[0], heads, 1, shape[2], shape[3]});
  name = chain.expand(name, {shape[0], heads, shared, shape[2], shape[3]});
  return chain.reshape(name, {shape[0], query_heads, shape[2], shape[3]});
}

Result<void> export_decomposed(const Attention& op, const AttentionSizes& sizes, ExportNode& node) {
  ExportChain chain(node, node.input_type(0).dtype);
  const std::string q = by_head(node, chain, 0, sizes.heads, sizes.heads);
  const std::string k = by_head(node, chain, 1, sizes.key_heads, sizes.heads);
  const std::string v = by_head(node, chain, 2, sizes.key_heads, sizes.heads);
  std::string scores = chain.add("MatMul", {q, chain.transpose(k, {0, 1, 3, 2})});
  if (op.scale != 1) scores = chain.add("Mul", {scores, chain.scalar(op.scale)});
  if (op.softcap != 0) {
    const std::string cap = chain.scalar(op.softcap);
    scores = chain.add("Mul", {chain.add("Tanh", {chain.add("Div", {scores, cap})}), cap});
  }
  if (has_bias(node)) scores = chain.add("Add", {scores, additive_bias(node, chain)});
  if (op.causal) {
    const Tensor mask = causal_mask(sizes, node.input_type(0).dtype);
    scores = chain.add("Add", {scores, node.constant(mask)});
  }
  const std::string weights = chain.softmax(scores, -1);
  if (node.output_type().rank() == 4) {
    node.add("MatMul", {weights, v}, {node.output()});
    return {};
  }
  const std::string y = chain.transpose(chain.add("MatMul", {weights, v}), {0, 2, 1, 3});
  node.add("Reshape", {y, node.constant(Tensor::vector(node.output_type().shape))},
           {node.output()});
  return {};
}

/// The bias as onnxruntime wants it: rank 4, not broadcast along queries and keys.
std::string full_bias(ExportNode& node, ExportChain& chain, const AttentionSizes& sizes) {
  const std::string bias = additive_bias(node, chain);
  Shape shape = node.input_type(3).shape;
  const Shape given = shape;
  shape.insert(shape.begin(), 4 - shape.size(), 1);
  shape[2] = sizes.queries;
  shape[3] = sizes.keys;
  return given == shape ? bias : chain.expand(bias, shape);
}

}  // namespace

template <>
Result<void> export_op(const Attention& op, ExportNode& node) {
  const AttentionSizes sizes = TRY(sizes_of(op, node));
  const DType dtype = node.input_type(0).dtype;
  // com.microsoft aligns the causal mask with the last key, the IR with the first.
  const bool aligned = !op.causal || sizes.queries == sizes.keys;
  const bool fits = node.input_type(0).rank() == 3 && sizes.heads == sizes.key_heads && aligned &&
                    op.softcap == 0 && (dtype == DType::kF32 || dtype == DType::kF16);
  if (!fits) return export_decomposed(op, sizes, node);
  ExportChain chain(node, dtype);
  const std::string bias = has_bias(node) ? full_bias(node, chain, sizes) : "";
  NodeAttributes attributes =
      node.add("MultiHeadAttention", {node.input(0), node.input(1), node.input(2), "", "", bias},
               {node.output()}, "com.microsoft");
  attributes.integer("num_heads", op.heads).number("scale", op.scale);
  if (op.causal) attributes.integer("unidirectional", 1);
  return {};
}

}  // namespace nitro::onnx
