#include <map>
#include <tuple>

#include "passes/match.h"
#include "passes/narrow_token.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

/// What the readers of a value want of it.
struct Demand {
  enum class Kind : uint8_t { kNothing, kOne, kAll } kind = Kind::kNothing;
  int64_t axis = 0;      // of kOne
  int64_t position = 0;  // of kOne
  bool operator==(const Demand&) const = default;

  void join(const Demand& other) {
    if (kind == Kind::kNothing) {
      *this = other;
    } else if (*this != other && other.kind != Kind::kNothing) {
      *this = {Kind::kAll};
    }
  }
};
constexpr Demand kAll = {Demand::Kind::kAll};

/// The one token that `node` selects from tokens [batch, tokens, width].
std::optional<int64_t> selected_token(const Graph& graph, const Node& node) {
  if (node.inputs.empty() || node.inputs[0] == kNoValue) return std::nullopt;
  const Shape& shape = graph.type(node.inputs[0]).shape;
  if (shape.size() != 3 || shape[1] < 2) return std::nullopt;
  if (node.op == Op(Gather{1})) {
    const Tensor* index = graph.constant(node.inputs[1]);
    if (!index || index->elements() != 1) return std::nullopt;
    const int64_t token = index->as<int64_t>()[0];
    return token < 0 ? token + shape[1] : token;
  }
  const auto* slice = std::get_if<Slice>(&node.op);
  if (!slice || slice->sizes[1] != 1) return std::nullopt;
  return slice->starts[1];
}

class TokenDemand {
 public:
  explicit TokenDemand(const Graph& graph) : graph_(graph), demand_(graph.values().size()) {
    for (ValueId output : graph.outputs()) demand_[output] = kAll;
    for (size_t i = graph.nodes().size(); i-- > 0;) visit(graph.nodes()[i]);
  }

  bool empty() const { return narrowed_.empty(); }

  Result<bool> operator()(Rewriter& rewriter, const Node& node) {
    if (const auto narrow = narrowed_.find(&node); narrow != narrowed_.end())
      return emit_narrow(rewriter, node, narrow->second);
    if (selected_token(graph_, node) && is_narrow(node.inputs[0]))
      return emit_selection(rewriter, node);
    return false;
  }

 private:
  void visit(const Node& node) {
    if (const auto token = selected_token(graph_, node)) {
      demand_[node.inputs[0]].join({Demand::Kind::kOne, 1, *token});
      return;
    }
    Demand wanted;
    for (ValueId output : node.outputs) wanted.join(demand_[output]);
    std::optional<Narrowed> narrow;
    if (wanted.kind == Demand::Kind::kOne) narrow = narrow_token(graph_, node, wanted.axis);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNoValue) continue;
      Demand of_input = kAll;
      if (narrow && narrow->axes[i])
        of_input = {Demand::Kind::kOne, *narrow->axes[i], wanted.position};
      demand_[node.inputs[i]].join(of_input);
    }
    if (narrow) narrowed_.emplace(&node, std::move(*narrow));
  }

  bool is_narrow(ValueId value) const {
    const Node* node = graph_.producer(value);
    return node && narrowed_.contains(node);
  }

  /// The wanted position of `value` along `axis`.
  Result<ValueId> one_of(Rewriter& rewriter, ValueId value, int64_t axis, int64_t position) {
    if (is_narrow(value)) return rewriter.mapped(value);
    const auto known = slices_.find({value, axis, position});
    if (known != slices_.end()) return known->second;
    const Shape& shape = graph_.type(value).shape;
    Slice slice{Ints(shape.size(), 0), shape, Ints(shape.size(), 1)};
    slice.starts[static_cast<size_t>(axis)] = position;
    slice.sizes[static_cast<size_t>(axis)] = 1;
    std::vector<const Node*> from;
    if (const Node* producer = graph_.producer(value)) from.push_back(producer);
    return slices_[{value, axis, position}] =
               TRY(rewriter.emit(slice, {rewriter.mapped(value)}, from));
  }

  Result<bool> emit_narrow(Rewriter& rewriter, const Node& node, const Narrowed& narrow) {
    int64_t position = 0;
    for (ValueId output : node.outputs) {
      if (demand_[output].kind == Demand::Kind::kOne) position = demand_[output].position;
    }
    std::vector<ValueId> inputs;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      inputs.push_back(narrow.axes[i]
                           ? TRY(one_of(rewriter, node.inputs[i], *narrow.axes[i], position))
                           : rewriter.mapped(node.inputs[i]));
    }
    const auto outputs = TRY(rewriter.emit_all(narrow.op, inputs, {&node}));
    for (size_t i = 0; i < outputs.size(); ++i) rewriter.replace(node.outputs[i], outputs[i]);
    return true;
  }

  /// The selection from a value that has just the one token.
  Result<bool> emit_selection(Rewriter& rewriter, const Node& node) {
    std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
    Op op = node.op;
    if (auto* slice = std::get_if<Slice>(&op)) {
      slice->starts[1] = 0;
    } else {
      inputs[1] = rewriter.add_constant(Tensor(graph_.type(node.inputs[1])));
    }
    rewriter.replace(node.outputs[0], TRY(rewriter.emit(op, inputs, {&node})));
    return true;
  }

  const Graph& graph_;
  std::vector<Demand> demand_;
  std::map<const Node*, Narrowed> narrowed_;
  std::map<std::tuple<ValueId, int64_t, int64_t>, ValueId> slices_;  // of values kept whole
};

}  // namespace

Result<bool> keep_class_token(Graph& graph, const Parameters&) {
  TokenDemand demand(graph);
  if (demand.empty()) return false;
  return rewrite(graph, std::ref(demand), 1);
}

}  // namespace nitro::passes
