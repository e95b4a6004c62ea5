#include "onnx/import_attention.h"

#include <algorithm>
#include <cmath>

namespace nitro::onnx {
namespace {

/// The scale of an op for heads of `size` where its attribute is absent or, com.microsoft, 0.
Result<double> read_scale(const ImportNode& node, int64_t size) {
  const double scale = TRY(node.number("scale", 0));
  if (scale != 0 || (node.has_attribute("scale") && node.domain() != "com.microsoft")) return scale;
  return 1 / std::sqrt(static_cast<double>(std::max<int64_t>(1, size)));
}

/// The mask, its last axis filled up with masked keys.
Result<ValueId> complete_mask(ImportNode& node, int64_t keys) {
  const TensorType& mask = node.type(3);
  if (mask.rank() == 0 || mask.shape.back() == 1 || mask.shape.back() >= keys) {
    return node.input(3);
  }
  Pad pad{Ints(mask.shape.size(), 0), Ints(mask.shape.size(), 0), PadMode::kConstant,
          mask.dtype == DType::kBool ? 0 : -INFINITY};
  pad.after.back() = keys - mask.shape.back();
  return node.emit(pad, {node.input(3)});
}

Result<int64_t> head_count(const ImportNode& node, std::string_view name) {
  const int64_t heads = TRY(node.integer(name, 0));
  if (heads < 1) return fail(ErrorCode::kBadModel, "{} must be at least 1", name);
  return heads;
}

/// `value` [batch, tokens, size] plus `bias` [size].
Result<ValueId> add_bias(ImportNode& node, ValueId value, ValueId bias) {
  return node.emit(Binary{BinaryKind::kAdd}, {value, bias});
}

Result<void> reject_operands(const ImportNode& node, std::initializer_list<size_t> operands) {
  for (size_t i : operands) {
    if (node.has(i)) return node.unsupported(fmt::format("with operand {}", i));
  }
  if (node.output_count() > 1) return node.unsupported("with more than one result");
  return {};
}

}  // namespace

Result<std::vector<ValueId>> import_attention(ImportNode& node) {
  TRY(reject_operands(node, {4, 5, 6}));
  if (TRY(node.integer("left_window_size", -1)) != -1 ||
      TRY(node.integer("right_window_size", -1)) != -1) {
    return node.unsupported("with a sliding window");
  }
  const int64_t rank = node.rank(0);
  if ((rank != 3 && rank != 4) || node.rank(1) != rank) {
    return fail(ErrorCode::kShapeMismatch, "q and k of Attention must both have rank 3 or 4");
  }
  Attention op;
  if (rank == 3) {
    op.heads = TRY(head_count(node, "q_num_heads"));
    op.key_heads = TRY(head_count(node, "kv_num_heads"));
  }
  const int64_t size = node.type(0).shape.back() / std::max<int64_t>(1, op.heads);
  op.scale = TRY(read_scale(node, size));
  op.causal = TRY(node.integer("is_causal", 0)) != 0;
  op.softcap = TRY(node.number("softcap", 0));
  std::vector<ValueId> operands{node.input(0), node.input(1), node.input(2)};
  const int64_t keys = node.type(1).shape[static_cast<size_t>(rank - 2)];
  if (node.has(3)) operands.push_back(TRY(complete_mask(node, keys)));
  return node.emit_all(op, operands);
}

Result<std::vector<ValueId>> import_multi_head_attention(ImportNode& node) {
  TRY(reject_operands(node, {4, 6, 7, 8, 9}));
  if (!node.has(1) || !node.has(2) || node.rank(0) != 3 || node.rank(1) != 3 || node.rank(2) != 3) {
    return node.unsupported("with packed or transposed q, k and v");
  }
  Attention op;
  op.heads = op.key_heads = TRY(head_count(node, "num_heads"));
  op.scale = TRY(read_scale(node, node.type(0).shape[2] / op.heads));
  op.causal = TRY(node.integer("unidirectional", 0)) != 0;
  if (op.causal && node.type(0).shape[1] != node.type(1).shape[1]) {
    return node.unsupported("causally with more keys than queries");
  }
  std::vector<ValueId> operands{node.input(0), node.input(1), node.input(2)};
  if (node.has(3)) {
    const Ints sizes{node.type(0).shape[2], node.type(1).shape[2], node.type(2).shape[2]};
    const std::vector<ValueId> biases = TRY(node.emit_all(Split{0, sizes}, {node.input(3)}));
    for (size_t i = 0; i < 3; ++i) operands[i] = TRY(add_bias(node, operands[i], biases[i]));
  }
  if (node.has(5)) operands.push_back(node.input(5));
  return node.emit_all(op, operands);
}

Result<std::vector<ValueId>> import_projected_attention(ImportNode& node) {
  TRY(reject_operands(node, {3, 4, 6}));
  if (TRY(node.integer("do_rotary", 0)) != 0) return node.unsupported("with rotary embedding");
  if (node.rank(0) != 3 || node.rank(1) != 2) {
    return fail(ErrorCode::kShapeMismatch, "Attention needs x of rank 3 and weights of rank 2");
  }
  const int64_t third = node.type(1).shape[1] / 3;
  const Ints sizes = TRY(node.integers("qkv_hidden_sizes", {third, third, third}));
  if (sizes.size() != 3) return fail(ErrorCode::kBadModel, "qkv_hidden_sizes needs three entries");
  ValueId projected = TRY(node.emit(MatMul{}, {node.input(0), node.input(1)}));
  if (node.has(2)) projected = TRY(add_bias(node, projected, node.input(2)));
  std::vector<ValueId> operands = TRY(node.emit_all(Split{2, sizes}, {projected}));
  Attention op;
  op.heads = op.key_heads = TRY(head_count(node, "num_heads"));
  op.scale = TRY(read_scale(node, sizes[0] / op.heads));
  op.causal = TRY(node.integer("unidirectional", 0)) != 0;
  if (node.has(5)) operands.push_back(node.input(5));
  return node.emit_all(op, operands);
}

}  // namespace nitro::onnx
