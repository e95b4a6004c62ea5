#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>

#include "base/text.h"
#include "ir/attention_sizes.h"
#include "passes/op_chain.h"
#include "passes/passes.h"
#include "passes/split_grid_sample.h"
#include "passes/split_joined.h"

namespace nitro::passes {
namespace {

/// What hides a key in a softmax, also in f16.
constexpr double kHidden = -65504;

/// ONNX's names of operators that are not split.
using Kept = std::set<std::string_view>;

bool is_used(const Rewriter& rewriter, const Node& node, size_t output) {
  return output < node.outputs.size() && rewriter.uses(node.outputs[output]) > 0;
}

Ints axes_from(int64_t axis, int64_t rank) {
  Ints axes(static_cast<size_t>(rank - axis));
  std::iota(axes.begin(), axes.end(), axis);
  return axes;
}

/// x times 1 / sqrt(mean of its squares + epsilon) over the axes. By a product with itself: a power
/// is done in f16 by some runtimes, by way of a logarithm.
ValueId scaled_to_one(OpChain& chain, ValueId x, const Ints& axes, double epsilon) {
  const ValueId square = chain.binary(BinaryKind::kMul, x, x);
  const ValueId mean = chain.add(Reduce{ReduceKind::kMean, axes, true}, {square});
  const ValueId sum = chain.binary(BinaryKind::kAdd, mean, chain.scalar(epsilon, x));
  return chain.binary(BinaryKind::kDiv, x, chain.unary(UnaryKind::kSqrt, sum));
}

/// In f32 what is less exact: squares leave the range of f16, and an epsilon vanishes in it.
ValueId in_single(OpChain& chain, ValueId x) {
  const DType dtype = chain.type(x).dtype;
  return dtype == DType::kF16 || dtype == DType::kBF16 ? chain.add(Cast{DType::kF32}, {x}) : x;
}

/// In the dtype of the first operand.
ValueId as_before(OpChain& chain, ValueId y) {
  const DType dtype = chain.type(chain.operand(0)).dtype;
  return dtype == chain.type(y).dtype ? y : chain.add(Cast{dtype}, {y});
}

Result<bool> split(Rewriter& rewriter, const Node& node, const LayerNormalization& op,
                   const Kept& kept) {
  if (kept.contains(LayerNormalization::kName)) return false;
  if (is_used(rewriter, node, 1) || is_used(rewriter, node, 2)) return false;
  OpChain chain(rewriter, node);
  const ValueId x = in_single(chain, chain.operand(0));
  const Ints axes = axes_from(op.axis, chain.type(x).rank());
  const ValueId mean = chain.add(Reduce{ReduceKind::kMean, axes, true}, {x});
  const ValueId centred = chain.binary(BinaryKind::kSub, x, mean);
  ValueId y = scaled_to_one(chain, centred, axes, op.epsilon);
  y = as_before(chain, y);
  y = chain.binary(BinaryKind::kMul, y, chain.operand(1));
  if (chain.operand(2) != kNoValue) y = chain.binary(BinaryKind::kAdd, y, chain.operand(2));
  return chain.give(y);
}

Result<bool> split(Rewriter& rewriter, const Node& node, const RMSNormalization& op, const Kept&) {
  OpChain chain(rewriter, node);
  const ValueId x = in_single(chain, chain.operand(0));
  const Ints axes = axes_from(op.axis, chain.type(x).rank());
  const ValueId y = as_before(chain, scaled_to_one(chain, x, axes, op.epsilon));
  return chain.give(chain.binary(BinaryKind::kMul, y, chain.operand(1)));
}

/// Where the operator is kept, of its bias alone.
Result<bool> split(Rewriter& rewriter, const Node& node, const Gelu& op, const Kept& kept) {
  OpChain chain(rewriter, node);
  ValueId x = chain.operand(0);
  const bool has_bias = chain.operand(1) != kNoValue, stays = kept.contains(Gelu::kName);
  if (stays && !has_bias) return false;
  if (has_bias) x = chain.binary(BinaryKind::kAdd, x, chain.operand(1));
  if (stays) return chain.give(chain.add(op, {x}));
  const auto times = [&](ValueId value, double factor) {
    return chain.binary(BinaryKind::kMul, value, chain.scalar(factor, chain.operand(0)));
  };
  ValueId inner = kNoValue;
  if (op.tanh) {
    const ValueId square = chain.binary(BinaryKind::kMul, x, x);
    const ValueId cube = chain.binary(BinaryKind::kMul, square, x);
    const ValueId sum = chain.binary(BinaryKind::kAdd, x, times(cube, 0.044715));
    inner = chain.unary(UnaryKind::kTanh, times(sum, std::sqrt(2 / std::numbers::pi)));
  } else {
    inner = chain.unary(UnaryKind::kErf, times(x, 1 / std::numbers::sqrt2));
  }
  const ValueId one = chain.scalar(1, chain.operand(0));
  const ValueId twice =
      chain.binary(BinaryKind::kMul, x, chain.binary(BinaryKind::kAdd, inner, one));
  return chain.give(times(twice, 0.5));
}

/// With its last two axes swapped.
ValueId transposed(OpChain& chain, ValueId x) {
  Ints perm = axes_from(0, chain.type(x).rank());
  if (perm.size() < 2) return kNoValue;  // after an error
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return chain.add(Transpose{std::move(perm)}, {x});
}

Result<bool> split(Rewriter& rewriter, const Node& node, const MatMul& op, const Kept&) {
  if (!op.transpose_a && !op.transpose_b && op.alpha == 1) return false;
  OpChain chain(rewriter, node);
  ValueId a = chain.operand(0), b = chain.operand(1);
  if (op.transpose_a) a = transposed(chain, a);
  if (op.transpose_b) b = transposed(chain, b);
  ValueId y = chain.add(MatMul{}, {a, b});
  if (op.alpha != 1)
    y = chain.binary(BinaryKind::kMul, y, chain.scalar(op.alpha, chain.operand(0)));
  return chain.give(y);
}

/// Operand `i` of an attention as [batch, query heads, tokens, size].
ValueId by_head(OpChain& chain, size_t i, int64_t heads, int64_t query_heads) {
  ValueId x = chain.operand(i);
  Shape shape = chain.type(x).shape;
  if (x == kNoValue) return kNoValue;
  if (shape.size() == 3) {
    x = chain.add(Reshape{{shape[0], shape[1], heads, shape[2] / heads}}, {x});
    x = chain.add(Transpose{{0, 2, 1, 3}}, {x});
    shape = {shape[0], heads, shape[1], shape[2] / heads};
  }
  if (heads == query_heads) return x;
  const int64_t shared = query_heads / heads;
  x = chain.add(Reshape{{shape[0], heads, 1, shape[2], shape[3]}}, {x});
  x = chain.add(Expand{{shape[0], heads, shared, shape[2], shape[3]}}, {x});
  return chain.add(Reshape{{shape[0], query_heads, shape[2], shape[3]}}, {x});
}

/// The bias as numbers to be added.
ValueId additive(OpChain& chain, ValueId bias, ValueId like) {
  if (chain.type(bias).dtype != DType::kBool) return bias;
  return chain.add(Where{}, {bias, chain.scalar(0, like), chain.scalar(kHidden, like)});
}

Tensor causal_mask(const AttentionSizes& sizes, DType dtype) {
  std::vector<double> mask;
  for (int64_t query = 0; query < sizes.queries; ++query) {
    for (int64_t key = 0; key < sizes.keys; ++key) mask.push_back(key > query ? kHidden : 0);
  }
  return Tensor::of(dtype, {sizes.queries, sizes.keys}, mask);
}

Result<bool> split(Rewriter& rewriter, const Node& node, const Attention& op, const Kept&) {
  OpChain chain(rewriter, node);
  std::vector<const TensorType*> types;
  for (size_t i = 0; i < 3; ++i) types.push_back(&rewriter.source().type(node.inputs[i]));
  const AttentionSizes sizes = TRY(attention_sizes(op, Operands(Attention::kName, types)));
  const DType dtype = types[0]->dtype;
  const ValueId q = by_head(chain, 0, sizes.heads, sizes.heads);
  const ValueId k = by_head(chain, 1, sizes.key_heads, sizes.heads);
  const ValueId v = by_head(chain, 2, sizes.key_heads, sizes.heads);
  const auto times = [&](ValueId value, double factor) {
    return chain.binary(BinaryKind::kMul, value, chain.scalar(factor, chain.operand(0)));
  };
  ValueId scores = chain.add(MatMul{}, {q, transposed(chain, k)});
  if (op.scale != 1) scores = times(scores, op.scale);
  if (op.softcap != 0)
    scores = times(chain.unary(UnaryKind::kTanh, times(scores, 1 / op.softcap)), op.softcap);
  if (chain.operand(3) != kNoValue) {
    const ValueId bias = additive(chain, chain.operand(3), chain.operand(0));
    scores = chain.binary(BinaryKind::kAdd, scores, bias);
  }
  if (op.causal) {
    const ValueId mask = chain.constant(causal_mask(sizes, dtype));
    scores = chain.binary(BinaryKind::kAdd, scores, mask);
  }
  ValueId y = chain.add(MatMul{}, {chain.add(Softmax{3, false}, {scores}), v});
  const TensorType& wanted = rewriter.source().type(node.outputs[0]);
  if (wanted.rank() == 3) {
    y = chain.add(Transpose{{0, 2, 1, 3}}, {y});
    y = chain.add(Reshape{wanted.shape}, {y});
  }
  return chain.give(y);
}

Result<bool> split(Rewriter& rewriter, const Node& node, const Unary& op, const Kept& kept) {
  if (kept.contains(enum_names(op.kind)[static_cast<size_t>(op.kind)])) return false;
  OpChain chain(rewriter, node);
  const ValueId x = chain.operand(0);
  switch (op.kind) {
    case UnaryKind::kHardSwish: {
      const ValueId gate = chain.add(Activation{ActivationKind::kHardSigmoid, 1.0 / 6, 0.5}, {x});
      return chain.give(chain.binary(BinaryKind::kMul, x, gate));
    }
    case UnaryKind::kMish: {
      const ValueId gate = chain.unary(UnaryKind::kTanh, chain.unary(UnaryKind::kSoftplus, x));
      return chain.give(chain.binary(BinaryKind::kMul, x, gate));
    }
    case UnaryKind::kReciprocal:
      return chain.give(chain.binary(BinaryKind::kDiv, chain.scalar(1, x), x));
    default:
      return false;
  }
}

/// A convolution over one axis as one over two, the first of a single element.
Result<bool> split(Rewriter& rewriter, const Node& node, const Conv& op, const Kept& kept) {
  if (op.strides.size() != 1 || kept.contains(Conv::kName)) return false;
  OpChain chain(rewriter, node);
  const auto planar = [&](ValueId value) {
    Shape shape = chain.type(value).shape;
    shape.insert(shape.end() - 1, 1);
    return chain.add(Reshape{std::move(shape)}, {value});
  };
  const auto after = [](int64_t first, const Ints& second) { return Ints{first, second[0]}; };
  const Conv over_two{after(1, op.strides), after(1, op.dilations), after(0, op.pads_before),
                      after(0, op.pads_after), op.group};
  const ValueId x = planar(chain.operand(0)), weights = planar(chain.operand(1));
  const ValueId y = chain.add(over_two, {x, weights, chain.operand(2)});
  return chain.give(chain.add(Reshape{rewriter.source().type(node.outputs[0]).shape}, {y}));
}

/// What is not padding with zeros on the last two axes, as constants beside the operand.
Result<bool> split(Rewriter& rewriter, const Node& node, const Pad& op, const Kept& kept) {
  if (kept.contains(Pad::kName)) return false;
  const size_t rank = op.before.size(), outer = rank - std::min<size_t>(rank, 2);
  const auto is_any = [&](size_t from, const auto& holds) {
    for (size_t axis = from; axis < rank; ++axis) {
      if (holds(op.before[axis]) || holds(op.after[axis])) return true;
    }
    return false;
  };
  const auto is_positive = [](int64_t pad) { return pad > 0; };
  const bool crops = is_any(0, [](int64_t pad) { return pad < 0; });
  bool pads_outer = false;
  for (size_t axis = 0; axis < outer; ++axis)
    pads_outer = pads_outer || is_positive(op.before[axis]) || is_positive(op.after[axis]);
  const bool simple = op.value == 0 && !pads_outer;
  if (op.mode != PadMode::kConstant || crops || simple || !is_any(0, is_positive)) return false;
  OpChain chain(rewriter, node);
  ValueId x = chain.operand(0);
  const DType dtype = chain.type(x).dtype;
  Shape shape = chain.type(x).shape;
  const auto padding = [&](size_t axis, int64_t size) {
    Shape of = shape;
    of[axis] = size;
    const std::vector<double> values(static_cast<size_t>(element_count(of)), op.value);
    return chain.constant(Tensor::of(dtype, of, values));
  };
  for (size_t axis = 0; axis < rank; ++axis) {
    std::vector<ValueId> parts;
    if (op.before[axis] > 0) parts.push_back(padding(axis, op.before[axis]));
    parts.push_back(x);
    if (op.after[axis] > 0) parts.push_back(padding(axis, op.after[axis]));
    if (parts.size() > 1) x = chain.add(Concat{static_cast<int64_t>(axis)}, parts);
    shape[axis] += op.before[axis] + op.after[axis];
  }
  return chain.give(x);
}

}  // namespace

Result<bool> split_fused_ops(Graph& graph, const Parameters& parameters) {
  Kept kept;
  if (const auto keep = parameters.find("keep"); keep != parameters.end()) {
    for (std::string_view name : nitro::split(keep->second, ' ')) kept.insert(name);
  }
  return rewrite(graph, [&](Rewriter& rewriter, const Node& node) -> Result<bool> {
    return std::visit(
        [&]<class OpT>(const OpT& op) -> Result<bool> {
          if constexpr (std::same_as<OpT, SkipLayerNormalization> ||
                        std::same_as<OpT, ProjectedAttention>) {
            return split_joined(rewriter, node, op);
          } else if constexpr (std::same_as<OpT, LayerNormalization> ||
                               std::same_as<OpT, RMSNormalization> || std::same_as<OpT, Gelu> ||
                               std::same_as<OpT, MatMul> || std::same_as<OpT, Attention> ||
                               std::same_as<OpT, Unary> || std::same_as<OpT, Conv> ||
                               std::same_as<OpT, Pad>) {
            return split(rewriter, node, op, kept);
          }
          if constexpr (std::same_as<OpT, GridSample>) {
            if (!kept.contains(GridSample::kName)) return split_grid_sample(rewriter, node, op);
          }
          return false;
        },
        static_cast<const AnyOp&>(node.op));
  });
}

}  // namespace nitro::passes
