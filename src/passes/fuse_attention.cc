#include <cmath>

#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"
#include "passes/row_map.h"
#include "reference/evaluate.h"

namespace nitro::passes {
namespace {

/// What the scores before the softmax are made of: scale * q @ k^T + bias.
struct Scores {
  ValueId q = kNoValue;
  ValueId k_transposed = kNoValue;  // [B, H, D, S], or k itself where MatMul transposes
  bool k_is_transposed = true;
  double scale = 1;
  std::optional<Tensor> bias;  // broadcasts to the scores
  std::vector<const Node*> nodes;
};

std::optional<Tensor> evaluate(const Op& op, std::vector<const Tensor*> operands) {
  auto results = reference::evaluate_op(op, operands);
  return results ? std::optional(std::move((*results)[0])) : std::nullopt;
}

/// `term` in the shape that the scores have before a Reshape from `before` to `after`.
std::optional<Tensor> before_reshape(const Tensor& term, const Shape& before, const Shape& after) {
  const auto full = evaluate(Expand{after}, {&term});
  return full ? std::optional(full->reshaped(before)) : std::nullopt;
}

/// Removes factors of one constant from the outside of `value`, of those that keep its shape.
ValueId peel_scale(const Graph& graph, ValueId value, double& scale,
                   std::vector<const Node*>& nodes) {
  while (true) {
    const auto factor = with_scalar(graph, value, BinaryKind::kMul);
    const auto divisor = with_scalar(graph, value, BinaryKind::kDiv);
    const auto& found = factor ? factor : divisor;
    if (!found || graph.type(found->operand).shape != graph.type(value).shape) return value;
    scale = factor ? scale * factor->scalar : scale / divisor->scalar;
    nodes.push_back(found->node);
    value = found->operand;
  }
}

/// Walks from the softmax's operand down to the product of q and k. Every value between is read
/// once.
std::optional<Scores> match_scores(const Rewriter& rewriter, ValueId value) {
  const Graph& graph = rewriter.source();
  Scores scores;
  while (true) {
    if (!rewriter.used_once(value)) return std::nullopt;
    const Node* node = graph.producer(value);
    if (!node) return std::nullopt;
    scores.nodes.push_back(node);
    if (const auto* product = std::get_if<MatMul>(&node->op)) {
      if (product->transpose_a || graph.type(value).rank() != 4) return std::nullopt;
      scores.scale *= product->alpha;
      scores.q = peel_scale(graph, node->inputs[0], scores.scale, scores.nodes);
      scores.k_transposed = peel_scale(graph, node->inputs[1], scores.scale, scores.nodes);
      scores.k_is_transposed = !product->transpose_b;
      return scores;
    }
    if (std::holds_alternative<Reshape>(node->op)) {
      const ValueId inner = node->inputs[0];
      if (scores.bias) {
        scores.bias =
            before_reshape(*scores.bias, graph.type(inner).shape, graph.type(value).shape);
        if (!scores.bias) return std::nullopt;
      }
      value = inner;
    } else if (const ValueId inner = peel_scale(graph, value, scores.scale, scores.nodes);
               inner != value) {
      value = inner;
    } else if (node->op == Op(Binary{BinaryKind::kAdd})) {
      const size_t side = graph.constant(node->inputs[0]) ? 0 : 1;
      const Tensor* term = graph.constant(node->inputs[side]);
      const ValueId inner_scores = node->inputs[1 - side];
      if (!term || graph.type(inner_scores).shape != graph.type(value).shape) return std::nullopt;
      // The term is inside all factors seen so far.
      const Tensor factor = Tensor::scalar(term->dtype(), scores.scale);
      std::optional<Tensor> scaled = *term;
      if (scores.scale != 1) scaled = evaluate(Binary{BinaryKind::kMul}, {term, &factor});
      if (scaled && scores.bias) {
        scaled = evaluate(Binary{BinaryKind::kAdd}, {&*scaled, &*scores.bias});
      }
      if (!scaled) return std::nullopt;
      scores.bias = std::move(scaled);
      value = inner_scores;
    } else {
      return std::nullopt;
    }
  }
}

/// The first value above `value` that is not made by moving elements.
ValueId movement_source(const Graph& graph, ValueId value, std::vector<const Node*>& nodes) {
  while (const Node* node = graph.producer(value)) {
    const bool moves =
        std::holds_alternative<Reshape>(node->op) || std::holds_alternative<Transpose>(node->op) ||
        std::holds_alternative<Slice>(node->op) || std::holds_alternative<Split>(node->op) ||
        std::holds_alternative<Gather>(node->op);
    if (!moves) break;
    nodes.push_back(node);
    value = node->inputs[0];
  }
  return value;
}

/// Which columns (in units of the head size) of the projection feed each head, given that `map`
/// lists rows of [batch, heads, tokens]; nothing if tokens or batches are mixed.
std::optional<std::vector<int64_t>> head_columns(const RowMap& map, const Shape& q,
                                                 int64_t columns) {
  const int64_t batch = q[0], heads = q[1], tokens = q[2];
  std::vector<int64_t> result(static_cast<size_t>(heads));
  if (static_cast<int64_t>(map.rows.size()) != batch * heads * tokens) return std::nullopt;
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t h = 0; h < heads; ++h) {
      for (int64_t t = 0; t < tokens; ++t) {
        const int64_t row = map.rows[static_cast<size_t>((b * heads + h) * tokens + t)];
        const int64_t column = row - (b * tokens + t) * columns;
        if (column < 0 || column >= columns) return std::nullopt;
        if (b == 0 && t == 0) result[static_cast<size_t>(h)] = column;
        if (column != result[static_cast<size_t>(h)]) return std::nullopt;
      }
    }
  }
  return result;
}

/// Rows of k, which the product reads transposed.
std::optional<RowMap> trace_key(const Graph& graph, const Scores& scores, ValueId source,
                                int64_t width) {
  if (!scores.k_is_transposed) return trace_rows(graph, scores.k_transposed, source, width);
  const auto* transpose = made_by<Transpose>(graph, scores.k_transposed);
  if (!transpose || transpose->perm.size() != 4) return std::nullopt;
  const ValueId inner = graph.producer(scores.k_transposed)->inputs[0];
  const auto map = trace_rows(graph, inner, source, width);
  if (!map) return std::nullopt;
  Transpose untransposed = *transpose;
  std::swap(untransposed.perm[2], untransposed.perm[3]);
  return move_rows(untransposed, graph.type(inner).shape, *map);
}

/// The columns (or elements, for a vector) of `tensor`, in blocks of `width`, in the order of
/// `blocks`.
Tensor pick_blocks(const Tensor& tensor, const std::vector<int64_t>& blocks, int64_t width) {
  const int64_t rows = tensor.shape().size() == 2 ? tensor.shape()[0] : 1;
  const int64_t columns = tensor.shape().back();
  const auto count = static_cast<int64_t>(blocks.size());
  Shape shape = tensor.shape();
  shape.back() = count * width;
  Tensor result({tensor.dtype(), shape});
  const int64_t element = size_of(tensor.dtype());
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t i = 0; i < count; ++i) {
      std::memcpy(result.mutable_bytes().data() + (row * count + i) * width * element,
                  tensor.bytes().data() +
                      (row * columns + blocks[static_cast<size_t>(i)] * width) * element,
                  static_cast<size_t>(width * element));
    }
  }
  return result;
}

Result<bool> fuse(Rewriter& rewriter, const Node& root) {
  const Graph& graph = rewriter.source();
  if (root.op != Op(Transpose{{0, 2, 1, 3}})) return false;
  const Node* product = graph.producer(root.inputs[0]);
  if (!product || product->op != Op(MatMul{}) || !rewriter.used_once(root.inputs[0])) return false;
  const Node* softmax = graph.producer(product->inputs[0]);
  if (!softmax || softmax->op != Op(Softmax{3, false}) || !rewriter.used_once(product->inputs[0]))
    return false;
  auto scores = match_scores(rewriter, softmax->inputs[0]);
  if (!scores) return false;
  std::vector<const Node*> from = {&root, product, softmax};
  from.insert(from.end(), scores->nodes.begin(), scores->nodes.end());

  const Shape q_shape = graph.type(scores->q).shape;
  if (q_shape.size() != 4 || graph.type(product->inputs[1]).shape != q_shape) return false;
  const int64_t width = q_shape[3];
  if (graph.type(root.inputs[0]).shape != q_shape || element_count(q_shape) == 0) return false;
  const ValueId source = movement_source(graph, scores->q, from);
  movement_source(graph, scores->k_transposed, from);
  movement_source(graph, product->inputs[1], from);
  const auto projection = linear(graph, rewriter.all_uses(), source);
  if (!projection) return false;
  const int64_t outputs = graph.type(projection->weight).shape[1];
  if (outputs % width != 0) return false;
  // Each token of x takes part: the projection of one that does not is not what is attended to.
  if (rows_of(graph.type(projection->x).shape) != q_shape[0] * q_shape[2]) return false;

  const auto q = trace_rows(graph, scores->q, source, width);
  const auto k = trace_key(graph, *scores, source, width);
  const auto v = trace_rows(graph, product->inputs[1], source, width);
  if (!q || !k || !v) return false;
  std::vector<int64_t> blocks;
  for (const auto& map : {*q, *k, *v}) {
    const auto columns = head_columns(map, q_shape, outputs / width);
    if (!columns) return false;
    blocks.insert(blocks.end(), columns->begin(), columns->end());
  }

  from.insert(from.end(), projection->nodes.begin(), projection->nodes.end());
  const Shape& weight_shape = graph.type(projection->weight).shape;
  const int64_t batch = q_shape[0], heads = q_shape[1], tokens = q_shape[2];
  const ValueId x = TRY(rewriter.emit(Reshape{{batch, tokens, weight_shape[0]}},
                                      {rewriter.mapped(projection->x)}, {}));
  const DType dtype = graph.type(projection->weight).dtype;
  const Tensor bias =
      projection->bias == kNoValue ? Tensor({dtype, {outputs}}) : *graph.constant(projection->bias);
  std::vector<ValueId> inputs = {
      x, rewriter.add_constant(pick_blocks(*graph.constant(projection->weight), blocks, width)),
      rewriter.add_constant(pick_blocks(bias, blocks, width))};
  if (scores->bias) {
    Shape shape = scores->bias->shape();
    shape.insert(shape.begin(), 4 - shape.size(), 1);
    inputs.push_back(rewriter.add_constant(scores->bias->reshaped(shape)));
  }
  const ValueId attended =
      TRY(rewriter.emit(ProjectedAttention{heads, scores->scale}, inputs, from));
  rewriter.replace(root.outputs[0],
                   TRY(rewriter.emit(Reshape{{batch, tokens, heads, width}}, {attended}, {})));
  return true;
}

}  // namespace

Result<bool> fuse_attention(Graph& graph, const Parameters&) { return rewrite(graph, fuse, 1); }

}  // namespace nitro::passes
