#include <numeric>

#include "onnx/importers.h"

namespace nitro::onnx {
namespace {

/// Operands of a loss over classes: log probabilities [N, C, d…] and targets [N, d…].
struct LossOperands {
  ValueId log_probabilities = kNoValue;
  ValueId targets = kNoValue;
  ValueId weights = kNoValue;  // [C], optional
};

/// Weight of each target [N, d…] (kNoValue: all 1) and targets that are valid class indices.
struct WeightedTargets {
  ValueId targets = kNoValue;
  ValueId weights = kNoValue;
};

ValueId scalar(ImportNode& node, DType dtype, double value) {
  return node.add_constant(Tensor::scalar(dtype, value));
}

/// Ignored targets become class 0 with weight 0.
Result<WeightedTargets> weigh(ImportNode& node, const LossOperands& operands) {
  const DType dtype = node.type_of(operands.log_probabilities).dtype;
  const DType index = node.type_of(operands.targets).dtype;
  WeightedTargets result{operands.targets, kNoValue};
  const bool ignores = node.has_attribute("ignore_index");
  ValueId ignored = kNoValue;
  if (ignores) {
    const ValueId value =
        node.add_constant(Tensor::of<int64_t>(index, {}, {TRY(node.integer("ignore_index", 0))}));
    ignored = TRY(node.emit(Binary{BinaryKind::kEqual}, {operands.targets, value}));
    result.targets = TRY(node.emit(Where{}, {ignored, scalar(node, index, 0), operands.targets}));
  }
  if (operands.weights != kNoValue) {
    result.weights = TRY(node.emit(Gather{0}, {operands.weights, result.targets}));
  }
  if (ignores) {
    const ValueId kept = result.weights == kNoValue ? scalar(node, dtype, 1) : result.weights;
    result.weights = TRY(node.emit(Where{}, {ignored, scalar(node, dtype, 0), kept}));
  }
  return result;
}

Result<ValueId> sum_all(ImportNode& node, ValueId value, ReduceKind kind) {
  Reduce op{kind, Ints(node.type_of(value).shape.size()), false};
  std::iota(op.axes.begin(), op.axes.end(), 0);
  return node.emit(op, {value});
}

/// -log probability of each target, weighted and reduced as the attributes say.
Result<ValueId> emit_loss(ImportNode& node, const LossOperands& operands) {
  const Shape shape = node.type_of(operands.targets).shape;
  if (shape.empty()) return fail(ErrorCode::kShapeMismatch, "a loss needs a batch of targets");
  const WeightedTargets weighted = TRY(weigh(node, operands));
  Shape column = shape;
  column.insert(column.begin() + 1, 1);
  const ValueId index = TRY(node.reshape(weighted.targets, column));
  const ValueId picked = TRY(node.emit(GatherElements{1}, {operands.log_probabilities, index}));
  ValueId loss = TRY(node.emit(Unary{UnaryKind::kNeg}, {TRY(node.reshape(picked, shape))}));
  const bool has_weights = weighted.weights != kNoValue;
  if (has_weights) loss = TRY(node.emit(Binary{BinaryKind::kMul}, {loss, weighted.weights}));
  const std::string reduction = TRY(node.string("reduction", "mean"));
  if (reduction == "none") return loss;
  if (reduction == "sum") return sum_all(node, loss, ReduceKind::kSum);
  if (reduction != "mean") return node.unsupported("with this reduction");
  if (!has_weights) return sum_all(node, loss, ReduceKind::kMean);
  const ValueId total = TRY(sum_all(node, loss, ReduceKind::kSum));
  const ValueId weight = TRY(sum_all(node, weighted.weights, ReduceKind::kSum));
  return node.emit(Binary{BinaryKind::kDiv}, {total, weight});
}

Result<void> expect_operands(const ImportNode& node) {
  if (node.has(0) && node.has(1) && node.rank(0) >= 2) return {};
  return fail(ErrorCode::kShapeMismatch, "{} needs scores [N, C, …] and targets [N, …]",
              node.op_type());
}

Result<std::vector<ValueId>> import_negative_log_likelihood(ImportNode& node) {
  TRY(expect_operands(node));
  return std::vector{TRY(emit_loss(node, {node.input(0), node.input(1), node.input(2)}))};
}

Result<std::vector<ValueId>> import_softmax_cross_entropy(ImportNode& node) {
  TRY(expect_operands(node));
  const ValueId log_probabilities = TRY(node.emit(Softmax{1, true}, {node.input(0)}));
  const ValueId loss = TRY(emit_loss(node, {log_probabilities, node.input(1), node.input(2)}));
  if (node.output_count() < 2) return std::vector{loss};
  return std::vector{loss, log_probabilities};
}

}  // namespace

std::span<const ImporterRow> loss_importers() {
  static constexpr ImporterRow kRows[] = {
      {"", "NegativeLogLikelihoodLoss", import_negative_log_likelihood},
      {"", "SoftmaxCrossEntropyLoss", import_softmax_cross_entropy},
  };
  return kRows;
}

}  // namespace nitro::onnx
