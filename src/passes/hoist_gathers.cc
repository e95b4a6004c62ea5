#include <algorithm>
#include <optional>

#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"
#include "passes/row_map.h"

namespace nitro::passes {
namespace {

bool is_row_gather(const Graph& graph, const Node& node) {
  return node.op == Op(Gather{0}) && graph.type(node.inputs[0]).rank() == 2 &&
         graph.constant(node.inputs[1]) && graph.type(node.inputs[1]).rank() == 1;
}

/// The indices of the row gathers that read each value, where nothing else reads it and all agree.
std::vector<const Tensor*> agreed_gathers(const Graph& graph) {
  std::vector<uint32_t> gathers(graph.values().size(), 0);
  std::vector<const Tensor*> rows(graph.values().size(), nullptr);
  std::vector<bool> differ(graph.values().size(), false);
  for (const Node& node : graph.nodes()) {
    if (!is_row_gather(graph, node)) continue;
    const Tensor* indices = graph.constant(node.inputs[1]);
    const ValueId source = node.inputs[0];
    ++gathers[source];
    if (rows[source] && !(*rows[source] == *indices)) differ[source] = true;
    rows[source] = indices;
  }
  const std::vector<uint32_t> uses = use_counts(graph);
  for (ValueId id = 0; id < rows.size(); ++id) {
    if (differ[id] || gathers[id] != uses[id]) rows[id] = nullptr;
  }
  return rows;
}

/// Whether every row of the result depends on the same row of the first operand alone, and nobody
/// reads another result.
bool is_row_wise(const Graph& graph, const std::vector<uint32_t>& uses, const Node& node) {
  if (node.inputs.empty() || node.inputs[0] == kNoValue) return false;
  if (graph.type(node.outputs[0]).rank() != 2 || graph.type(node.inputs[0]).rank() != 2)
    return false;
  for (size_t i = 1; i < node.outputs.size(); ++i) {
    if (uses[node.outputs[i]] > 0) return false;
  }
  if (const auto* norm = std::get_if<LayerNormalization>(&node.op)) return norm->axis == 1;
  if (node.op == Op(MatMul{})) return graph.constant(node.inputs[1]) != nullptr;
  if (node.op == Op(Binary{BinaryKind::kAdd})) {
    return graph.constant(node.inputs[1]) && graph.type(node.inputs[1]).rank() == 1;
  }
  return false;
}

/// The rows of `count` that a constant picks, none of them counted from the end; nothing where one
/// does not exist.
std::optional<std::vector<int64_t>> existing_rows(const Tensor& indices, int64_t count) {
  std::vector<int64_t> rows = indices.as<int64_t>();
  for (int64_t& row : rows) {
    if (row < 0) row += count;
    if (row < 0 || row >= count) return std::nullopt;
  }
  return rows;
}

/// `rows`, each of which is `group` consecutive rows of what lies beneath.
std::vector<int64_t> expand_rows(const std::vector<int64_t>& rows, int64_t group) {
  std::vector<int64_t> expanded;
  for (int64_t row : rows) {
    for (int64_t i = 0; i < group; ++i) expanded.push_back(row * group + i);
  }
  return expanded;
}

class Hoist {
 public:
  explicit Hoist(const Graph& graph)
      : graph_(graph), uses_(use_counts(graph)), rows_(agreed_gathers(graph)) {}

  Result<bool> operator()(Rewriter& rewriter, const Node& node) {
    if (is_row_wise(graph_, uses_, node) && rows_[node.outputs[0]]) return before(rewriter, node);
    if (is_row_gather(graph_, node)) return join(rewriter, node);
    return false;
  }

 private:
  /// T(x)[rows] becomes T(x[rows]).
  Result<bool> before(Rewriter& rewriter, const Node& node) {
    const Tensor& rows = *rows_[node.outputs[0]];
    if (!is_permutation(rows.as<int64_t>())) return false;
    std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
    inputs[0] = TRY(rewriter.emit(Gather{0}, {inputs[0], rewriter.add_constant(rows)}, {&node}));
    rewriter.replace(node.outputs[0], TRY(rewriter.emit(node.op, inputs, {&node})));
    hoisted_.push_back(node.outputs[0]);
    return true;
  }

  Result<bool> join(Rewriter& rewriter, const Node& node) {
    const ValueId source = node.inputs[0];
    if (std::ranges::find(hoisted_, source) != hoisted_.end()) {  // its rows are in order already
      rewriter.replace(node.outputs[0], rewriter.mapped(source));
      return true;
    }
    // Gather(Reshape(Gather(x))) and Gather(Gather(x)) become one gather.
    const Node* between = graph_.producer(source);
    if (!between) return false;
    const bool reshaped = std::holds_alternative<Reshape>(between->op);
    const Node* inner = reshaped ? graph_.producer(between->inputs[0]) : between;
    if (!inner || !is_row_gather(graph_, *inner)) return false;
    const int64_t width = graph_.type(inner->outputs[0]).shape[1];
    const int64_t joined = graph_.type(source).shape[1];
    if (width == 0 || joined % width != 0) return false;
    const auto outer_rows =
        existing_rows(*graph_.constant(node.inputs[1]), graph_.type(source).shape[0]);
    const auto inner_rows =
        existing_rows(*graph_.constant(inner->inputs[1]), graph_.type(inner->inputs[0]).shape[0]);
    if (!outer_rows || !inner_rows) return false;
    const std::vector<int64_t> composed =
        compose(*inner_rows, expand_rows(*outer_rows, joined / width));
    const ValueId gathered = TRY(rewriter.emit(
        Gather{0},
        {rewriter.mapped(inner->inputs[0]), rewriter.add_constant(Tensor::vector(composed))},
        {&node, inner}));
    rewriter.replace(node.outputs[0], TRY(rewriter.emit(Reshape{graph_.type(node.outputs[0]).shape},
                                                        {gathered}, {&node})));
    return true;
  }

  const Graph& graph_;
  std::vector<uint32_t> uses_;
  std::vector<const Tensor*> rows_;
  std::vector<ValueId> hoisted_;
};

}  // namespace

Result<bool> hoist_gathers(Graph& graph, const Parameters&) {
  Graph hoisted = graph;
  bool any = false;
  for (int round = 0; round < 64; ++round) {
    TRY(merge_common_subexpressions(hoisted, {}));
    const Graph before = hoisted;
    if (!TRY(rewrite(hoisted, Hoist(before), 1))) break;
    any = true;
  }
  if (any) graph = std::move(hoisted);
  return any;
}

}  // namespace nitro::passes
