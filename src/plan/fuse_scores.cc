#include "plan/fuse_scores.h"

#include <algorithm>
#include <array>
#include <optional>

#include "passes/match.h"
#include "passes/rewriter.h"
#include "reference/evaluate.h"

namespace nitro::plan {
namespace {

using passes::Rewriter;

constexpr int64_t kMostBiasElements = int64_t{1} << 26;

/// What the softmax is taken of: scale * gain * q @ k^T + bias.
struct Scores {
  const Node* product = nullptr;
  double scale = 1;
  ValueId gain = kNoValue;  // a constant for each head
  std::vector<ValueId> biases = {};
  std::vector<Shape> shapes = {};  // of the scores where each bias is added
  std::vector<const Node*> nodes = {};
};

/// Whether the constant has one number for each matrix of the scores at most.
bool is_per_matrix(const Graph& graph, ValueId value, const Shape& scores) {
  const Tensor* constant = graph.constant(value);
  if (!constant || constant->shape().size() > scores.size()) return false;
  const Shape& shape = constant->shape();
  const size_t rank = shape.size();
  return (rank < 1 || shape[rank - 1] == 1) && (rank < 2 || shape[rank - 2] == 1);
}

/// Takes one node above `value` into the scores; the value before it, or nothing.
std::optional<ValueId> step_back(const Graph& graph, const Shape& scores_shape, ValueId value,
                                 Scores& scores) {
  const Node* node = graph.producer(value);
  if (!node) return std::nullopt;
  scores.nodes.push_back(node);
  if (std::holds_alternative<Reshape>(node->op)) return node->inputs[0];
  const auto* binary = std::get_if<Binary>(&node->op);
  if (!binary) return std::nullopt;
  const Shape& shape = graph.type(value).shape;
  for (size_t side : {0, 1}) {
    const ValueId inner = node->inputs[side], other = node->inputs[1 - side];
    if (graph.type(inner).shape != shape) continue;
    if (binary->kind == BinaryKind::kAdd && (graph.constant(other) || shape == scores_shape)) {
      if (!graph.constant(other) && graph.constant(inner)) continue;
      const bool scaled = scores.scale != 1 || scores.gain != kNoValue;
      if (scaled) return std::nullopt;
      scores.biases.push_back(other);
      scores.shapes.push_back(shape);
      return inner;
    }
    const bool divides = binary->kind == BinaryKind::kDiv && side == 0;
    if (binary->kind != BinaryKind::kMul && !divides) continue;
    if (const auto scalar = passes::splat(graph, other)) {
      scores.scale *= divides ? 1 / *scalar : *scalar;
      return inner;
    }
    if (divides || scores.gain != kNoValue || !is_per_matrix(graph, other, shape)) continue;
    if (shape != scores_shape) continue;
    scores.gain = other;
    return inner;
  }
  return std::nullopt;
}

std::optional<Scores> match_scores(const Rewriter& rewriter, ValueId value) {
  const Graph& graph = rewriter.source();
  const Shape shape = graph.type(value).shape;
  Scores scores;
  while (rewriter.used_once(value)) {
    const Node* node = graph.producer(value);
    const auto* product = node ? std::get_if<MatMul>(&node->op) : nullptr;
    if (product) {
      if (product->transpose_a || graph.type(value).shape != shape) return std::nullopt;
      scores.product = node;
      scores.scale *= product->alpha;
      scores.nodes.push_back(node);
      return scores;
    }
    const auto before = step_back(graph, shape, value, scores);
    if (!before) return std::nullopt;
    value = *before;
  }
  return std::nullopt;
}

/// An operand of the product without the number that it is multiplied by.
ValueId without_scale(const Rewriter& rewriter, ValueId value, Scores& scores) {
  const auto scaled = passes::with_scalar(rewriter.source(), value, BinaryKind::kMul);
  if (!scaled || !rewriter.used_once(value)) return value;
  scores.scale *= scaled->scalar;
  scores.nodes.push_back(scaled->node);
  return scaled->operand;
}

/// All biases as one value that broadcasts to [batch, heads, queries, keys], given by `shape`;
/// kNoValue where there are none.
Result<std::optional<ValueId>> bias_of(Rewriter& rewriter, const Scores& scores, const Shape& shape,
                                       const Node& root) {
  const Binary add{BinaryKind::kAdd};
  std::optional<Tensor> constant;
  ValueId computed = kNoValue;
  for (size_t i = 0; i < scores.biases.size(); ++i) {
    const ValueId value = scores.biases[i];
    const Tensor* tensor = rewriter.source().constant(value);
    if (!tensor) {
      if (computed != kNoValue) return std::optional<ValueId>();
      computed = rewriter.mapped(value);
      continue;
    }
    if (element_count(shape) > kMostBiasElements) return std::optional<ValueId>();
    const bool fits = scores.shapes[i] == shape;
    Tensor bias = *tensor;
    if (!fits)
      bias = TRY(reference::evaluate_op(Expand{scores.shapes[i]},
                                        std::vector<const Tensor*>{tensor}))[0]
                 .reshaped(shape);
    constant =
        constant
            ? TRY(reference::evaluate_op(add, std::vector<const Tensor*>{&*constant, &bias}))[0]
            : bias;
  }
  ValueId result = computed;
  if (constant) {
    const ValueId fixed = rewriter.add_constant(*constant);
    result = computed == kNoValue ? fixed : TRY(rewriter.emit(add, {computed, fixed}, {&root}));
  }
  return std::optional(result);
}

/// [heads, rows, columns] as [1, heads, rows, columns].
Result<ValueId> with_batch(Rewriter& rewriter, ValueId value, const Node& root) {
  Shape shape = rewriter.type(value).shape;
  if (shape.size() == 4) return value;
  shape.insert(shape.begin(), 1);
  return rewriter.emit(Reshape{shape}, {value}, {&root});
}

bool same_matrices(const Shape& a, const Shape& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end() - 2, b.begin());
}

Result<bool> fuse(Rewriter& rewriter, const Node& root) {
  const Graph& graph = rewriter.source();
  if (root.op != Op(MatMul{}) || !is_float(graph.type(root.outputs[0]).dtype)) return false;
  const Node* softmax = graph.producer(root.inputs[0]);
  const Shape& shape = graph.type(root.inputs[0]).shape;
  const auto rank = static_cast<int64_t>(shape.size());
  if (!softmax || softmax->op != Op(Softmax{rank - 1, false}) ||
      !rewriter.used_once(root.inputs[0]))
    return false;
  if ((rank != 3 && rank != 4) || element_count(shape) == 0) return false;
  auto scores = match_scores(rewriter, softmax->inputs[0]);
  if (!scores) return false;
  const std::array operands{without_scale(rewriter, scores->product->inputs[0], *scores),
                            without_scale(rewriter, scores->product->inputs[1], *scores),
                            root.inputs[1]};
  for (ValueId operand : operands) {
    if (!same_matrices(graph.type(operand).shape, shape)) return false;
  }
  std::vector<const Node*> from = scores->nodes;
  from.push_back(softmax);
  from.push_back(&root);
  const auto bias = TRY(bias_of(rewriter, *scores, shape, root));
  if (!bias) return false;
  ValueId q = rewriter.mapped(operands[0]), k = rewriter.mapped(operands[1]),
          v = rewriter.mapped(operands[2]);
  if (scores->gain != kNoValue) {
    q = TRY(rewriter.emit(Binary{BinaryKind::kMul}, {q, rewriter.mapped(scores->gain)}, {&root}));
  }
  if (!std::get<MatMul>(scores->product->op).transpose_b) {
    Transpose swap{rank == 3 ? Ints{0, 2, 1} : Ints{0, 1, 3, 2}};
    k = TRY(rewriter.emit(swap, {k}, {scores->product}));
  }
  q = TRY(with_batch(rewriter, q, root));
  k = TRY(with_batch(rewriter, k, root));
  v = TRY(with_batch(rewriter, v, root));
  const int64_t heads = rewriter.type(q).shape[1];
  std::vector<ValueId> inputs{q, k, v};
  if (*bias != kNoValue) inputs.push_back(*bias);
  const nitro::Attention attention{.heads = heads, .key_heads = heads, .scale = scores->scale};
  ValueId result = TRY(rewriter.emit(attention, inputs, from));
  if (rank == 3)
    result = TRY(rewriter.emit(Reshape{graph.type(root.outputs[0]).shape}, {result}, {&root}));
  rewriter.replace(root.outputs[0], result);
  return true;
}

}  // namespace

Result<bool> fuse_scores(Graph& graph) { return passes::rewrite(graph, fuse); }

}  // namespace nitro::plan
