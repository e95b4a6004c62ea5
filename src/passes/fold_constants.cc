#include <algorithm>

#include "passes/passes.h"
#include "passes/rewriter.h"
#include "reference/evaluate.h"

namespace nitro::passes {
namespace {

/// How much larger than its operands a folded result may be, over the whole graph.
constexpr int64_t kGrowthBudget = int64_t{64} << 20;

bool dequantizes_weights(const Node& node, const std::vector<const Tensor*>& operands) {
  return std::holds_alternative<DequantizeLinear>(node.op) &&
         are_quantized_weights(operands[0]->type());
}

}  // namespace

Result<bool> fold_constants(Graph& graph, const Parameters&) {
  Rewriter rewriter(graph);
  int64_t budget = kGrowthBudget;
  bool changed = false;
  for (const Node& node : graph.nodes()) {
    std::vector<const Tensor*> operands;
    int64_t growth = 0;
    bool known = !std::holds_alternative<Opaque>(node.op) && !node.inputs.empty();
    // All first: mapping adds constants, which moves those that were there.
    for (ValueId id : rewriter.mapped(node.inputs)) {
      operands.push_back(id == kNoValue ? nullptr : rewriter.constant(id));
      known = known && (id == kNoValue || operands.back());
      if (operands.back()) growth -= operands.back()->type().bytes();
    }
    for (ValueId output : node.outputs) growth += graph.type(output).bytes();
    if (!known || growth > budget || dequantizes_weights(node, operands)) {
      TRY(rewriter.copy(node));
      continue;
    }
    auto results = reference::evaluate_op(node.op, operands);
    if (!results) {  // values the op forbids: the runtime shall say so, not the rewriter
      TRY(rewriter.copy(node));
      continue;
    }
    budget -= std::max<int64_t>(0, growth);
    for (size_t i = 0; i < results->size(); ++i) {
      rewriter.replace(node.outputs[i], rewriter.add_constant(std::move((*results)[i])));
    }
    changed = true;
  }
  if (changed) graph = rewriter.finish();
  return changed;
}

}  // namespace nitro::passes
