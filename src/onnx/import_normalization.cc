#include <algorithm>

#include "onnx/importers.h"

namespace nitro::onnx {
namespace {

using Values = Result<std::vector<ValueId>>;

/// `results` as far as the node names them.
std::vector<ValueId> named(const ImportNode& node, std::vector<ValueId> results) {
  if (results.size() > node.output_count()) results.resize(node.output_count());
  return results;
}

/// Operand `i` under `shape`, broadcast where it has fewer elements; absent stays absent.
Result<ValueId> shaped(ImportNode& node, size_t i, const Shape& shape) {
  if (!node.has(i)) return kNoValue;
  if (node.type(i).elements() == element_count(shape)) return node.reshape(node.input(i), shape);
  if (TRY(broadcast(node.type(i).shape, shape)) != shape) {
    return fail(ErrorCode::kShapeMismatch, "operand {} of {} does not broadcast to {}", i,
                node.op_type(), text(shape));
  }
  return node.emit(Expand{shape}, {node.input(i)});
}

std::vector<ValueId> without_trailing_absent(std::vector<ValueId> operands) {
  while (!operands.empty() && operands.back() == kNoValue) operands.pop_back();
  return operands;
}

Shape from_axis(const TensorType& type, int64_t axis) {
  return {type.shape.begin() + axis, type.shape.end()};
}

Values import_layer_normalization(ImportNode& node) {
  const int64_t axis = TRY(node.axis("axis", -1, node.rank(0)));
  const Shape normalized = from_axis(node.type(0), axis);
  const LayerNormalization op{axis, TRY(node.number("epsilon", 1e-5))};
  return named(node, TRY(node.emit_all(op, without_trailing_absent(
                                               {node.input(0), TRY(shaped(node, 1, normalized)),
                                                TRY(shaped(node, 2, normalized))}))));
}

Values import_rms_normalization(ImportNode& node) {
  if (node.output_count() > 1) return node.unsupported("with its statistics as results");
  const int64_t axis = TRY(node.axis("axis", -1, node.rank(0)));
  const RMSNormalization op{axis, TRY(node.number("epsilon", 1e-5))};
  return node.emit_all(op, {node.input(0), TRY(shaped(node, 1, from_axis(node.type(0), axis)))});
}

/// Results of com.microsoft's skip normalisations: y, mean, inverse deviation, sum.
Values skip_results(const ImportNode& node, ValueId y, ValueId sum) {
  return named(node, {y, kNoValue, kNoValue, sum});
}

Values import_skip_layer_normalization(ImportNode& node) {
  const SkipLayerNormalization op{TRY(node.number("epsilon", 1e-12))};
  const ValueId skip = TRY(shaped(node, 1, node.type(0).shape));
  const std::vector<ValueId> results = TRY(node.emit_all(
      op,
      without_trailing_absent({node.input(0), skip, node.input(2), node.input(3), node.input(4)})));
  return skip_results(node, results[0], results[1]);
}

Values import_skip_rms_normalization(ImportNode& node) {
  if (node.rank(0) == 0) return node.unsupported("for a scalar");
  const Binary add{BinaryKind::kAdd};
  const ValueId skip = TRY(shaped(node, 1, node.type(0).shape));
  ValueId sum = TRY(node.emit(add, {node.input(0), skip}));
  if (node.has(3)) sum = TRY(node.emit(add, {sum, node.input(3)}));
  const RMSNormalization op{node.rank(0) - 1, TRY(node.number("epsilon", 1e-12))};
  return skip_results(node, TRY(node.emit(op, {sum, node.input(2)})), sum);
}

Result<int64_t> channels(const ImportNode& node) {
  if (node.rank(0) < 2) {
    return fail(ErrorCode::kShapeMismatch, "{} needs an input with channels", node.op_type());
  }
  return node.type(0).shape[1];
}

/// Before opset 21, scale and bias hold one entry per group; afterwards one per channel.
Result<ValueId> per_channel(ImportNode& node, size_t i, int64_t groups, int64_t count) {
  if (!node.has(i) || node.type(i).elements() == count || groups < 1) return node.input(i);
  const ValueId column = TRY(node.reshape(node.input(i), {groups, 1}));
  return node.reshape(TRY(node.emit(Expand{{groups, count / groups}}, {column})), {count});
}

Values import_group_normalization(ImportNode& node) {
  const int64_t groups = TRY(node.integer("num_groups", 0));
  const int64_t count = TRY(channels(node));
  const GroupNormalization op{groups, TRY(node.number("epsilon", 1e-5))};
  return node.emit_all(op, {node.input(0), TRY(per_channel(node, 1, groups, count)),
                            TRY(per_channel(node, 2, groups, count))});
}

Values import_instance_normalization(ImportNode& node) {
  const GroupNormalization op{TRY(channels(node)), TRY(node.number("epsilon", 1e-5))};
  return node.emit_all(op, {node.input(0), node.input(1), node.input(2)});
}

Values import_batch_normalization(ImportNode& node) {
  if (TRY(node.integer("training_mode", 0)) != 0 || node.output_count() > 1) {
    return node.unsupported("in training mode");
  }
  if (TRY(node.integer("spatial", 1)) != 1) return node.unsupported("per activation");
  const BatchNormalization op{TRY(node.number("epsilon", 1e-5))};
  ValueId x = node.input(0);
  const bool flat = node.rank(0) == 1;
  if (flat) x = TRY(node.reshape(x, {node.type(0).shape[0], 1}));
  const ValueId y =
      TRY(node.emit(op, {x, node.input(1), node.input(2), node.input(3), node.input(4)}));
  return std::vector{flat ? TRY(node.reshape(y, node.type(0).shape)) : y};
}

Values import_lp_normalization(ImportNode& node) {
  const LpNormalization op{TRY(node.axis("axis", -1, node.rank(0))), TRY(node.integer("p", 2))};
  return node.emit_all(op, {node.input(0)});
}

Values import_lrn(ImportNode& node) {
  const LRN op{TRY(node.integer("size", 0)), TRY(node.number("alpha", 1e-4)),
               TRY(node.number("beta", 0.75)), TRY(node.number("bias", 1))};
  return node.emit_all(op, {node.input(0)});
}

/// (x - mean) / (deviation + 1e-9), by its definition.
Values import_mean_variance_normalization(ImportNode& node) {
  Reduce mean{ReduceKind::kMean, {}, true};
  for (int64_t axis : TRY(node.integers("axes", {0, 2, 3}))) {
    mean.axes.push_back(TRY(normalize_axis(axis, node.rank(0))));
  }
  std::ranges::sort(mean.axes);
  const DType dtype = node.type(0).dtype;
  const ValueId tiny = node.add_constant(Tensor::scalar(dtype, 1e-9));
  const ValueId average = TRY(node.emit(mean, {node.input(0)}));
  const ValueId centred = TRY(node.emit(Binary{BinaryKind::kSub}, {node.input(0), average}));
  const ValueId square = TRY(node.emit(Binary{BinaryKind::kMul}, {centred, centred}));
  const ValueId variance = TRY(node.emit(mean, {square}));
  const ValueId deviation = TRY(node.emit(Unary{UnaryKind::kSqrt}, {variance}));
  const ValueId divisor = TRY(node.emit(Binary{BinaryKind::kAdd}, {deviation, tiny}));
  return node.emit_all(Binary{BinaryKind::kDiv}, {centred, divisor});
}

/// Calls emit(value, axis). Before opset 13 the axes from `axis` (default 1) on count as one.
template <class Emit>
Values along_axis(ImportNode& node, Emit emit) {
  const bool flattens = node.opset() < 13;
  const int64_t rank = node.rank(0);
  const int64_t axis = TRY(node.axis("axis", flattens ? 1 : -1, rank));
  if (!flattens || axis == rank - 1) return std::vector{TRY(emit(node.input(0), axis))};
  const Shape shape = node.type(0).shape;
  const Shape rows(shape.begin(), shape.begin() + axis);
  const ValueId flat = TRY(node.reshape(
      node.input(0), {element_count(rows), element_count(from_axis(node.type(0), axis))}));
  return std::vector{TRY(node.reshape(TRY(emit(flat, 1)), shape))};
}

Values import_softmax(ImportNode& node) {
  const bool log = node.op_type() == "LogSoftmax";
  return along_axis(node,
                    [&](ValueId x, int64_t axis) { return node.emit(Softmax{axis, log}, {x}); });
}

/// 1 at the first maximum, else 0.
Values import_hardmax(ImportNode& node) {
  const ValueId off_on = node.add_constant(Tensor::of<double>(node.type(0).dtype, {2}, {0, 1}));
  return along_axis(node, [&](ValueId x, int64_t axis) -> Result<ValueId> {
    const int64_t depth = node.type_of(x).shape[static_cast<size_t>(axis)];
    const ValueId index = TRY(node.emit(ArgReduce{true, axis, false, false}, {x}));
    return node.emit(OneHot{axis, depth}, {index, off_on});
  });
}

}  // namespace

std::span<const ImporterRow> normalization_importers() {
  static constexpr ImporterRow kRows[] = {
      {"", "BatchNormalization", import_batch_normalization},
      {"", "GroupNormalization", import_group_normalization},
      {"", "Hardmax", import_hardmax},
      {"", "InstanceNormalization", import_instance_normalization},
      {"", "LRN", import_lrn},
      {"", "LayerNormalization", import_layer_normalization},
      {"", "LogSoftmax", import_softmax},
      {"", "LpNormalization", import_lp_normalization},
      {"", "MeanVarianceNormalization", import_mean_variance_normalization},
      {"", "RMSNormalization", import_rms_normalization},
      {"", "SimplifiedLayerNormalization", import_rms_normalization},
      {"", "Softmax", import_softmax},
      {"com.microsoft", "SkipLayerNormalization", import_skip_layer_normalization},
      {"com.microsoft", "SkipSimplifiedLayerNormalization", import_skip_rms_normalization},
  };
  return kRows;
}

}  // namespace nitro::onnx
