#include <algorithm>

#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

bool is_all(const std::vector<int64_t>& values, int64_t wanted) {
  return std::ranges::all_of(values, [&](int64_t value) { return value == wanted; });
}

/// Whether the first output of `node` is its first operand, element for element.
bool is_identity(const Graph& graph, const Node& node) {
  const TensorType& in = graph.type(node.inputs[0]);
  const TensorType& out = graph.type(node.outputs[0]);
  if (std::holds_alternative<Cast>(node.op)) return in.dtype == out.dtype;
  if (in != out) return false;
  if (std::holds_alternative<Reshape>(node.op) || std::holds_alternative<Expand>(node.op) ||
      std::holds_alternative<Tile>(node.op)) {
    return true;
  }
  if (const auto* slice = std::get_if<Slice>(&node.op))
    return is_all(slice->starts, 0) && is_all(slice->steps, 1);
  if (const auto* pad = std::get_if<Pad>(&node.op))
    return is_all(pad->before, 0) && is_all(pad->after, 0);
  if (const auto* transpose = std::get_if<Transpose>(&node.op))
    return std::ranges::is_sorted(transpose->perm);
  if (std::holds_alternative<Concat>(node.op) || std::holds_alternative<Split>(node.op)) {
    return node.inputs.size() == 1 && node.outputs.size() == 1;
  }
  if (const auto* binary = std::get_if<Binary>(&node.op)) {
    const auto scalar = splat(graph, node.inputs[1]);
    if (!scalar) return false;
    const bool sum = binary->kind == BinaryKind::kAdd || binary->kind == BinaryKind::kSub;
    const bool product = binary->kind == BinaryKind::kMul || binary->kind == BinaryKind::kDiv;
    return (sum && *scalar == 0) || (product && *scalar == 1);
  }
  return false;
}

Result<bool> remove(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.source();
  if (node.inputs.empty() || node.inputs[0] == kNoValue) return false;
  if (is_identity(graph, node) &&
      std::ranges::find(graph.outputs(), node.outputs[0]) == graph.outputs().end()) {
    rewriter.replace(node.outputs[0], rewriter.mapped(node.inputs[0]));
    return true;
  }
  const Node* inner = graph.producer(node.inputs[0]);
  if (!inner) return false;
  if (const auto* outer = std::get_if<Reshape>(&node.op);
      outer && std::holds_alternative<Reshape>(inner->op)) {
    rewriter.replace(node.outputs[0], TRY(rewriter.emit(*outer, {rewriter.mapped(inner->inputs[0])},
                                                        {&node, inner})));
    return true;
  }
  const auto* outer = std::get_if<Transpose>(&node.op);
  const auto* transpose = std::get_if<Transpose>(&inner->op);
  if (outer && transpose) {
    Transpose composed;
    for (int64_t axis : outer->perm)
      composed.perm.push_back(transpose->perm[static_cast<size_t>(axis)]);
    rewriter.replace(
        node.outputs[0],
        TRY(rewriter.emit(composed, {rewriter.mapped(inner->inputs[0])}, {&node, inner})));
    return true;
  }
  return false;
}

}  // namespace

Result<bool> remove_identities(Graph& graph, const Parameters&) { return rewrite(graph, remove); }

}  // namespace nitro::passes
