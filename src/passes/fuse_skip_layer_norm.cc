#include <map>

#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

/// The LayerNorm over the last axis that reads each residual sum first, directly or reshaped, by
/// the Add that makes it.
std::map<const Node*, const Node*> norms_of_sums(const Graph& graph,
                                                 const std::vector<uint32_t>& uses) {
  std::map<const Node*, const Node*> norms;
  for (const Node& node : graph.nodes()) {
    const auto* op = std::get_if<LayerNormalization>(&node.op);
    if (!op || uses[node.outputs[1]] > 0 || uses[node.outputs[2]] > 0) continue;
    ValueId sum = node.inputs[0];
    const int64_t last = graph.type(sum).rank() - 1;
    if (made_by<Reshape>(graph, sum)) sum = graph.producer(sum)->inputs[0];
    const Node* add = made_by(graph, sum, BinaryKind::kAdd);
    if (!add || op->axis != last || graph.type(sum).rank() < 2) continue;
    if (graph.type(sum).shape.back() != graph.type(node.inputs[0]).shape.back()) continue;
    bool residual = graph.constant(node.inputs[1]) != nullptr;
    if (node.inputs.size() > 2 && node.inputs[2] != kNoValue)
      residual = residual && graph.constant(node.inputs[2]);
    for (ValueId input : add->inputs) {
      residual = residual && graph.type(input) == graph.type(sum) && !graph.constant(input);
    }
    if (residual) norms.emplace(add, &node);
  }
  return norms;
}

struct Addends {
  ValueId x, skip;
  ValueId extra = kNoValue;
  const Node* inner = nullptr;
};

/// The operands of a residual sum; of (x + b) + skip with a constant vector b, all three.
Addends addends(const Rewriter& rewriter, const Node& add) {
  const Graph& graph = rewriter.source();
  for (size_t side : {0, 1}) {
    const Node* inner = made_by(graph, add.inputs[side], BinaryKind::kAdd);
    if (!inner || !rewriter.used_once(add.inputs[side])) continue;
    const size_t vector = graph.constant(inner->inputs[0]) ? 0 : 1;
    const ValueId bias = inner->inputs[vector], x = inner->inputs[1 - vector];
    const TensorType& type = graph.type(add.outputs[0]);
    if (graph.constant(bias) && graph.type(bias).shape == Shape{type.shape.back()} &&
        graph.type(x) == type) {
      return {x, add.inputs[1 - side], bias, inner};
    }
  }
  return {add.inputs[0], add.inputs[1]};
}

/// `shape` as [batch, tokens, width], which is what runtimes take.
Shape as_tokens(const Shape& shape) {
  return shape.size() == 3 ? shape : Shape{1, rows_of(shape), shape.back()};
}

/// `value` of the result under another shape.
Result<ValueId> reshaped(Rewriter& rewriter, ValueId value, const Shape& shape,
                         const std::vector<const Node*>& from) {
  if (rewriter.type(value).shape == shape) return value;
  return rewriter.emit(Reshape{shape}, {value}, from);
}

}  // namespace

Result<bool> fuse_skip_layer_norm(Graph& graph, const Parameters&) {
  Rewriter rewriter(graph);
  const auto norms = norms_of_sums(graph, rewriter.all_uses());
  if (norms.empty()) return false;
  std::map<ValueId, ValueId> normalised;  // result of each LayerNorm, to its replacement
  for (const Node& node : graph.nodes()) {
    if (const auto found = norms.find(&node); found != norms.end()) {
      const Node& norm = *found->second;
      const Addends operands = addends(rewriter, node);
      std::vector<const Node*> from = {&node, &norm};
      if (operands.inner) from.push_back(operands.inner);
      const Shape& shape = graph.type(norm.outputs[0]).shape;
      const Shape tokens = as_tokens(shape);
      std::vector<ValueId> inputs =
          rewriter.mapped({operands.x, operands.skip, norm.inputs[1],
                           norm.inputs.size() > 2 ? norm.inputs[2] : kNoValue, operands.extra});
      for (size_t i : {0, 1}) inputs[i] = TRY(reshaped(rewriter, inputs[i], tokens, {&node}));
      while (inputs.back() == kNoValue) inputs.pop_back();
      const double epsilon = std::get<LayerNormalization>(norm.op).epsilon;
      const auto outputs = TRY(rewriter.emit_all(SkipLayerNormalization{epsilon}, inputs, from));
      normalised[norm.outputs[0]] = TRY(reshaped(rewriter, outputs[0], shape, {&norm}));
      rewriter.replace(node.outputs[0], TRY(reshaped(rewriter, outputs[1],
                                                     graph.type(node.outputs[0]).shape, {&node})));
    } else if (const auto replaced = normalised.find(node.outputs[0]);
               replaced != normalised.end()) {
      rewriter.replace(node.outputs[0], replaced->second);
    } else {
      TRY(rewriter.copy(node));
    }
  }
  graph = rewriter.finish();
  return true;
}

}  // namespace nitro::passes
