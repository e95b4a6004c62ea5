#include <algorithm>
#include <map>
#include <unordered_map>

#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"
#include "passes/row_map.h"

namespace nitro::passes {
namespace {

/// A source value as rows of a value of the result: its rows, in order, are base[rows]. `base` is
/// [rows, width]. Gathers stay implicit until a reader needs the rows in order.
struct Placed {
  ValueId base = kNoValue;
  int64_t width = 0;
  std::vector<int64_t> rows;
};

/// Builds the graph with token-wise layers working on tokens in whatever order they already are.
class Walk {
 public:
  explicit Walk(const Graph& graph) : graph_(graph), rewriter_(graph) {}

  Result<Graph> run() {
    for (const Node& node : graph_.nodes()) {
      if (TRY(move(node))) continue;
      if (TRY(token_wise(node))) continue;
      if (TRY(add(node))) continue;
      if (TRY(reduce(node))) continue;
      TRY(materialise(node.inputs));
      TRY(rewriter_.copy(node));
    }
    TRY(materialise(graph_.outputs()));
    return rewriter_.finish();
  }

 private:
  const Placed* placed(ValueId value) const {
    const auto found = placed_.find(value);
    return found == placed_.end() ? nullptr : &found->second;
  }

  /// Whether each row of the base is there once, so that work on the base is work on the value.
  bool is_whole(const Placed& value) const {
    return std::ssize(value.rows) == rewriter_.type(value.base).shape[0] &&
           is_permutation(value.rows);
  }

  /// `value` as placed rows of `width`: as it is known, or starting here.
  Result<Placed> place(ValueId value, int64_t width, const Node& node) {
    if (const Placed* known = placed(value)) return *known;
    const int64_t count = graph_.type(value).elements() / width;
    const ValueId flat =
        TRY(rewriter_.emit(Reshape{{count, width}}, {rewriter_.mapped(value)}, {&node}));
    return Placed{flat, width, identity_rows(graph_, value, width).rows};
  }

  /// base[rows], emitted once for each pair.
  Result<ValueId> gather(const Placed& source, const std::vector<int64_t>& rows,
                         const std::vector<const Node*>& from) {
    if (is_identity(rows) &&
        static_cast<int64_t>(rows.size()) == rewriter_.type(source.base).shape[0]) {
      return source.base;
    }
    auto& cached = gathered_[{source.base, rows}];
    if (cached.second) return cached.first;
    const ValueId indices = rewriter_.add_constant(Tensor::vector(rows));
    cached = {TRY(rewriter_.emit(Gather{0}, {source.base, indices}, from)), true};
    return cached.first;
  }

  /// Gives every placed value among `values` its own rows in order and its own shape.
  Result<void> materialise(const std::vector<ValueId>& values) {
    for (ValueId value : values) {
      const Placed* source = value == kNoValue ? nullptr : placed(value);
      if (!source || materialised_[value]) continue;
      materialised_[value] = true;
      const std::vector<const Node*> from = {graph_.producer(value)};
      const ValueId ordered = TRY(gather(*source, source->rows, from));
      rewriter_.replace(value,
                        TRY(rewriter_.emit(Reshape{graph_.type(value).shape}, {ordered}, from)));
    }
    return {};
  }

  /// Movement of whole rows changes only the map.
  Result<bool> move(const Node& node) {
    std::vector<RowMap> maps;
    std::vector<const RowMap*> pointers;
    maps.reserve(node.inputs.size());
    bool any = false;
    for (ValueId input : node.inputs) {
      const Placed* source = input == kNoValue ? nullptr : placed(input);
      any = any || source;
      if (source) maps.push_back({source->base, source->width, source->rows});
      pointers.push_back(source ? &maps.back() : nullptr);
    }
    if (!any) return false;
    std::vector<Placed> outputs;
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      auto moved = move_rows(graph_, node, i, pointers);
      if (!moved) return false;
      outputs.push_back({moved->source, moved->width, std::move(moved->rows)});
    }
    for (size_t i = 0; i < outputs.size(); ++i) placed_[node.outputs[i]] = std::move(outputs[i]);
    return true;
  }

  /// Whether `op` with a constant second operand treats each row of `width` by itself.
  bool is_token_wise(const Node& node, int64_t width) const {
    if (std::holds_alternative<Unary>(node.op) || std::holds_alternative<Activation>(node.op) ||
        std::holds_alternative<Clip>(node.op)) {
      return true;
    }
    if (const auto* gelu = std::get_if<Gelu>(&node.op)) return gelu && node.inputs.size() == 1;
    if (const auto* norm = std::get_if<LayerNormalization>(&node.op)) {
      return norm->axis == graph_.type(node.inputs[0]).rank() - 1;
    }
    const auto vector_operand = [&](ValueId id) {
      const Shape& shape = graph_.type(id).shape;
      const bool scalar = graph_.type(id).elements() == 1 && shape.size() <= 2;
      return graph_.constant(id) && (scalar || shape == Shape{width});
    };
    if (std::holds_alternative<Binary>(node.op)) return vector_operand(node.inputs[1]);
    if (node.op == Op(MatMul{})) {
      return graph_.constant(node.inputs[1]) && graph_.type(node.inputs[1]).rank() == 2;
    }
    return false;
  }

  Result<bool> token_wise(const Node& node) {
    if (node.inputs.empty() || node.inputs[0] == kNoValue || graph_.constant(node.inputs[0]))
      return false;
    const TensorType& type = graph_.type(node.inputs[0]);
    if (type.rank() < 2 || !is_float(type.dtype) || type.elements() == 0) return false;
    const int64_t width = type.shape.back();
    if (!is_token_wise(node, width) || graph_.type(node.outputs[0]).elements() == 0) return false;
    for (size_t i = 1; i < node.outputs.size(); ++i) {
      if (rewriter_.uses(node.outputs[i]) > 0) return false;
    }
    const Placed* known = placed(node.inputs[0]);
    // Element-wise work on something that is not tokens yet stays as it is.
    const bool starts_tokens =
        std::holds_alternative<LayerNormalization>(node.op) || node.op == Op(MatMul{});
    if (!known && !starts_tokens) return false;
    Placed source = TRY(place(node.inputs[0], width, node));
    TRY(materialise({node.inputs.begin() + 1, node.inputs.end()}));
    if (source.width != width || !is_whole(source)) {
      TRY(materialise({node.inputs[0]}));
      const int64_t count = type.elements() / width;
      source = {
          TRY(rewriter_.emit(Reshape{{count, width}}, {rewriter_.mapped(node.inputs[0])}, {&node})),
          width, identity_rows(graph_, node.inputs[0], width).rows};
    }
    Op op = node.op;
    if (auto* norm = std::get_if<LayerNormalization>(&op)) norm->axis = 1;
    std::vector<ValueId> inputs = rewriter_.mapped({node.inputs.begin() + 1, node.inputs.end()});
    inputs.insert(inputs.begin(), source.base);
    const ValueId result = TRY(rewriter_.emit(op, inputs, {&node}));
    placed_[node.outputs[0]] = {result, graph_.type(node.outputs[0]).shape.back(), source.rows};
    return true;
  }

  /// The sum of two placed values, in the order of the older one unless that is still in plain
  /// order.
  Result<bool> add(const Node& node) {
    if (node.op != Op(Binary{BinaryKind::kAdd})) return false;
    const TensorType& type = graph_.type(node.outputs[0]);
    if (graph_.type(node.inputs[0]).shape != type.shape ||
        graph_.type(node.inputs[1]).shape != type.shape) {
      return false;
    }
    if (type.rank() < 2 || type.elements() == 0) return false;
    if (!placed(node.inputs[0]) && !placed(node.inputs[1])) return false;
    Placed a = TRY(place(node.inputs[0], type.shape.back(), node));
    Placed b = TRY(place(node.inputs[1], type.shape.back(), node));
    if (a.width != b.width || !is_whole(a) || !is_whole(b)) return false;
    if (a.rows != b.rows) {
      const bool a_older =
          graph_.value(node.inputs[0]).producer < graph_.value(node.inputs[1]).producer;
      const bool keep_a =
          is_identity(a.rows) != is_identity(b.rows) ? is_identity(b.rows) : a_older;
      const Placed& kept = keep_a ? a : b;
      Placed& other = keep_a ? b : a;
      // other_in_order = other.base[other.rows]; wanted at row kept.rows[i]: other_in_order[i].
      const std::vector<int64_t> rows = compose(other.rows, inverse(kept.rows));
      other = {TRY(gather(other, rows, {&node})), other.width, kept.rows};
    }
    const ValueId sum = TRY(rewriter_.emit(node.op, {a.base, b.base}, {&node}));
    placed_[node.outputs[0]] = {sum, a.width, a.rows};
    return true;
  }

  /// A mean or sum over tokens does not depend on their order within each group that it joins.
  Result<bool> reduce(const Node& node) {
    const auto* op = std::get_if<Reduce>(&node.op);
    const Placed* source = op ? placed(node.inputs[0]) : nullptr;
    if (!source || graph_.type(node.inputs[0]).rank() != 3 || op->axes != std::vector<int64_t>{1})
      return false;
    const Shape& shape = graph_.type(node.inputs[0]).shape;
    if (source->width != shape[2] || !is_whole(*source)) return false;
    for (int64_t i = 0; i < static_cast<int64_t>(source->rows.size()); ++i) {
      if (source->rows[static_cast<size_t>(i)] / shape[1] != i / shape[1]) return false;
    }
    const ValueId tokens = TRY(rewriter_.emit(Reshape{shape}, {source->base}, {&node}));
    rewriter_.replace(node.outputs[0], TRY(rewriter_.emit(*op, {tokens}, {&node})));
    return true;
  }

  const Graph& graph_;
  Rewriter rewriter_;
  std::unordered_map<ValueId, Placed> placed_;
  std::unordered_map<ValueId, bool> materialised_;
  std::map<std::pair<ValueId, std::vector<int64_t>>, std::pair<ValueId, bool>> gathered_;
};

}  // namespace

Result<bool> window_order(Graph& graph, const Parameters&) {
  const auto gathers_rows = [](const Graph& of) {
    return std::ranges::count_if(of.nodes(), [](const Node& node) {
      return std::holds_alternative<Transpose>(node.op) || std::holds_alternative<Concat>(node.op);
    });
  };
  Graph rewritten = TRY(Walk(graph).run());
  if (gathers_rows(rewritten) >= gathers_rows(graph)) return false;
  graph = std::move(rewritten);
  return true;
}

}  // namespace nitro::passes
