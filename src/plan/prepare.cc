#include "plan/prepare.h"

#include <string_view>
#include <vector>

#include "passes/pass.h"
#include "passes/rewriter.h"
#include "plan/basic_ops.h"
#include "plan/fuse_scores.h"
#include "reference/evaluate.h"

namespace nitro::plan {
namespace {

const std::vector<std::string_view> kFirst = {"fuse-layer-norm",       "fuse-gelu",
                                              "fold-batch-norm",       "fold-input-normalization",
                                              "fold-replicated-input", "keep-class-token"};
const std::vector<std::string_view> kThen = {
    "merge-linears", "fuse-attention", "lower-patch-embedding", "window-order", "hoist-gathers"};

/// Biases as the numbers that they stand for, which is what the patterns know.
Result<bool> dequantize_bias(passes::Rewriter& rewriter, const Node& node) {
  if (!std::holds_alternative<DequantizeLinear>(node.op)) return false;
  std::vector<const Tensor*> operands;
  for (ValueId id : node.inputs) operands.push_back(rewriter.source().constant(id));
  if (!operands[0] || operands[0]->dtype() != DType::kI32 || !operands[1]) return false;
  if (operands.size() > 2 && node.inputs[2] != kNoValue && !operands[2]) return false;
  auto results = TRY(reference::evaluate_op(node.op, operands));
  rewriter.replace(node.outputs[0], rewriter.add_constant(std::move(results[0])));
  return true;
}

}  // namespace

Result<Graph> prepare(Graph graph) {
  TRY(passes::rewrite(graph, dequantize_bias, 1));
  TRY(use_basic_ops(graph));  // what the patterns of the passes are made of
  TRY(passes::run_passes(graph, passes::kCleanUps));
  TRY(passes::run_passes(graph, kFirst));
  for (std::string_view name : kThen) {
    TRY(passes::run_passes(graph, {name}));
    TRY(passes::run_passes(graph, passes::kCleanUps));
  }
  TRY(use_basic_ops(graph));  // what the passes made
  TRY(fuse_scores(graph));
  TRY(passes::run_passes(graph, passes::kCleanUps));
  return graph;
}

}  // namespace nitro::plan
