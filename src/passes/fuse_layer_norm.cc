#include <algorithm>

#include "passes/enclosed.h"
#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"
#include "reference/evaluate.h"

namespace nitro::passes {
namespace {

/// Matches (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) from its end to its start.
class CoreMatcher {
 public:
  explicit CoreMatcher(const Graph& graph) : graph_(graph) {}

  ValueId x = kNoValue;
  LayerNormalization op;
  std::vector<const Node*> nodes;

  bool match(const Node& root) {
    nodes.push_back(&root);
    if (root.op == Op(Binary{BinaryKind::kDiv}))
      return match_operands(root.inputs[0], deviation(root.inputs[1]));
    if (root.op != Op(Binary{BinaryKind::kMul})) return false;
    for (size_t side : {0, 1}) {
      const ValueId inner = reciprocal(root.inputs[side]);
      if (inner != kNoValue && match_operands(root.inputs[1 - side], deviation(inner))) return true;
      nodes = {&root};
    }
    return false;
  }

 private:
  const Node* take(ValueId value) {
    nodes.push_back(graph_.producer(value));
    return nodes.back();
  }
  /// What `value` is a cast of, between floating types; `value` itself otherwise.
  ValueId through_cast(ValueId value) {
    if (!made_by<Cast>(graph_, value)) return value;
    const ValueId inner = graph_.producer(value)->inputs[0];
    if (!is_float(graph_.type(value).dtype) || !is_float(graph_.type(inner).dtype)) return value;
    take(value);
    return inner;
  }
  /// d of 1 / d.
  ValueId reciprocal(ValueId value) {
    value = through_cast(value);
    if (made_by(graph_, value, UnaryKind::kReciprocal)) return take(value)->inputs[0];
    const Node* quotient = made_by(graph_, value, BinaryKind::kDiv);
    if (!quotient || splat(graph_, quotient->inputs[0]) != 1) return kNoValue;
    return take(value)->inputs[1];
  }
  /// v of sqrt(v + epsilon).
  ValueId deviation(ValueId value) {
    value = through_cast(value);
    if (!made_by(graph_, value, UnaryKind::kSqrt)) return kNoValue;
    const auto sum = with_scalar(graph_, through_cast(take(value)->inputs[0]), BinaryKind::kAdd);
    if (!sum) return kNoValue;
    nodes.push_back(sum->node);
    op.epsilon = sum->scalar;
    return sum->operand;
  }
  /// The operand of a mean over all axes from one on, which becomes the axis of the op.
  ValueId mean(ValueId value) {
    const auto* reduce = made_by<Reduce>(graph_, value);
    if (!reduce || reduce->kind != ReduceKind::kMean || !reduce->keep_dims || reduce->axes.empty())
      return kNoValue;
    const auto first = graph_.type(value).rank() - static_cast<int64_t>(reduce->axes.size());
    if (reduce->axes[0] != first) return kNoValue;
    op.axis = first;
    return take(value)->inputs[0];
  }
  ValueId root_of_square(ValueId value) {
    const Node* product = made_by(graph_, value, BinaryKind::kMul);
    const auto power = with_scalar(graph_, value, BinaryKind::kPow);
    const bool square =
        power ? power->scalar == 2 : product && product->inputs[0] == product->inputs[1];
    return square ? take(value)->inputs[0] : kNoValue;
  }
  /// x of x - mean(x), with the same axis as `op` has.
  ValueId centred(ValueId value) {
    const int64_t axis = op.axis;
    value = through_cast(value);
    if (!made_by(graph_, value, BinaryKind::kSub)) return kNoValue;
    const Node* difference = take(value);
    const ValueId averaged = mean(difference->inputs[1]);
    const bool matches = averaged == difference->inputs[0] && op.axis == axis;
    return matches ? averaged : kNoValue;
  }
  bool match_operands(ValueId dividend, ValueId variance) {
    const ValueId squares = mean(through_cast(variance));
    const ValueId difference = root_of_square(through_cast(squares));
    if (difference == kNoValue) return false;
    x = centred(difference);
    return x != kNoValue && centred(dividend) == x;
  }

  const Graph& graph_;
};

/// `value`, a constant that broadcasts over the leading axes, in the shape of the normalised axes.
std::optional<Tensor> parameter(const Graph& graph, ValueId value, const TensorType& wanted) {
  const Tensor* tensor = graph.constant(value);
  if (!tensor || tensor->dtype() != wanted.dtype) return std::nullopt;
  Shape shape = tensor->shape();
  while (shape.size() > wanted.shape.size() && shape[0] == 1) shape.erase(shape.begin());
  const auto full = broadcast(shape, wanted.shape);
  if (!full || *full != wanted.shape) return std::nullopt;
  const Tensor narrow = tensor->reshaped(shape);
  auto expanded = reference::evaluate_op(Expand{wanted.shape}, std::vector{&narrow});
  return expanded ? std::optional(std::move((*expanded)[0])) : std::nullopt;
}

Result<bool> fuse_core(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.source();
  CoreMatcher core(graph);
  if (!core.match(node) || !is_enclosed(graph, rewriter.all_uses(), core.nodes, node.outputs[0]) ||
      graph.type(core.x) != graph.type(node.outputs[0])) {
    return false;
  }
  const TensorType& type = graph.type(core.x);
  const TensorType parameters{type.dtype, {type.shape.begin() + core.op.axis, type.shape.end()}};
  const Tensor ones =
      Tensor::of(type.dtype, parameters.shape,
                 std::vector<double>(static_cast<size_t>(parameters.elements()), 1));
  const auto outputs = TRY(rewriter.emit_all(
      core.op, {rewriter.mapped(core.x), rewriter.add_constant(ones)}, core.nodes));
  rewriter.replace(node.outputs[0], outputs[0]);
  return true;
}

/// A scale after a LayerNorm without one, or a shift after a LayerNorm without bias.
Result<bool> fuse_parameter(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.source();
  const bool scales = node.op == Op(Binary{BinaryKind::kMul});
  if (!scales && node.op != Op(Binary{BinaryKind::kAdd})) return false;
  const size_t side = graph.constant(node.inputs[0]) ? 0 : 1;
  const ValueId normalised = node.inputs[1 - side];
  const auto* op = made_by<LayerNormalization>(graph, normalised);
  if (!op || !rewriter.used_once(normalised)) return false;
  const Node& norm = *graph.producer(normalised);
  const bool has_bias = norm.inputs.size() > 2 && norm.inputs[2] != kNoValue;
  if (norm.outputs[0] != normalised || has_bias) return false;
  if (scales && splat(graph, norm.inputs[1]) != 1) return false;
  const auto value = parameter(graph, node.inputs[side], graph.type(norm.inputs[1]));
  if (!value || graph.type(node.outputs[0]) != graph.type(normalised)) return false;

  std::vector<ValueId> inputs = {rewriter.mapped(norm.inputs[0])};
  if (!scales) inputs.push_back(rewriter.mapped(norm.inputs[1]));
  inputs.push_back(rewriter.add_constant(*value));
  rewriter.replace(node.outputs[0], TRY(rewriter.emit(*op, inputs, {&norm, &node})));
  return true;
}

Result<bool> fuse(Rewriter& rewriter, const Node& node) {
  return TRY(fuse_core(rewriter, node)) || TRY(fuse_parameter(rewriter, node));
}

}  // namespace

Result<bool> fuse_layer_norm(Graph& graph, const Parameters&) { return rewrite(graph, fuse); }

}  // namespace nitro::passes
