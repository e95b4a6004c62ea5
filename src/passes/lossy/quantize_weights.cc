#include <map>
#include <optional>

#include "base/text.h"
#include "ir/is_any.h"
#include "passes/lossy/quantized_weights.h"
#include "passes/lossy/skipped_nodes.h"
#include "passes/lossy/strengths.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

/// Operand 1 of the products and convolutions that have weights there.
constexpr size_t kWeights = 1;

/// The axis of the outputs in the weights of `node`, if these are a constant of floats.
std::optional<int64_t> weight_channels(const Graph& graph, const Node& node) {
  if (!is_any<MatMul, Gemm, Conv>(node.op)) return std::nullopt;
  const Tensor* weights = graph.constant(node.inputs[kWeights]);
  if (!weights || graph.constant(node.inputs[0]) || weights->elements() == 0) return std::nullopt;
  const bool fits = weights->dtype() == DType::kF32 || weights->dtype() == DType::kF16;
  if (!fits) return std::nullopt;
  if (std::holds_alternative<Conv>(node.op)) return 0;
  if (weights->shape().size() != 2) return std::nullopt;
  const auto* matmul = std::get_if<MatMul>(&node.op);
  const bool transposed = matmul ? matmul->transpose_b : std::get<Gemm>(node.op).transpose_b;
  return transposed ? 0 : 1;
}

/// Of the bytes that `node` reads and makes, the share that its weights are.
double share_of_weights(const Graph& graph, const Node& node) {
  const auto bytes = [&](ValueId id) { return static_cast<double>(graph.type(id).bytes()); };
  const double weights = bytes(node.inputs[kWeights]);
  return weights / (weights + bytes(node.inputs[0]) + bytes(node.outputs[0]));
}

class Quantizer {
 public:
  Quantizer(double min_share, const SkippedNodes& skipped)
      : min_share_(min_share), skipped_(skipped) {}

  Result<bool> operator()(Rewriter& rewriter, const Node& node) {
    const Graph& graph = rewriter.source();
    const auto axis = weight_channels(graph, node);
    if (!axis || skipped_.contains(node) || share_of_weights(graph, node) < min_share_)
      return false;
    std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
    inputs[kWeights] = TRY(through_8_bits(rewriter, node, *axis));
    rewriter.replace(node.outputs[0], TRY(rewriter.emit(node.op, std::move(inputs), {&node})));
    return true;
  }

 private:
  /// The weights of `node`, made once for all that read them.
  Result<ValueId> through_8_bits(Rewriter& rewriter, const Node& node, int64_t axis) {
    ValueId& made = made_.try_emplace({node.inputs[kWeights], axis}, kNoValue).first->second;
    if (made != kNoValue) return made;
    const Tensor& weights = *rewriter.source().constant(node.inputs[kWeights]);
    const QuantizedWeights quantized = fit_weights(weights, axis);
    const Tensor scales = Tensor::of(
        weights.dtype(), {static_cast<int64_t>(quantized.scales.size())}, quantized.scales);
    return made = TRY(rewriter.emit(
               DequantizeLinear{axis},
               {rewriter.add_constant(quantized.values), rewriter.add_constant(scales)}, {&node}));
  }

  const double min_share_;
  const SkippedNodes& skipped_;
  std::map<std::pair<ValueId, int64_t>, ValueId> made_;
};

}  // namespace

Result<bool> quantize_weights(Graph& graph, const Parameters& parameters) {
  const double min_share = TRY(number(parameters, "min_share", 0.5, 0));
  const SkippedNodes skipped = TRY(SkippedNodes::read(graph, parameters));
  return rewrite(graph, Quantizer(min_share, skipped), 1);
}

}  // namespace nitro::passes
