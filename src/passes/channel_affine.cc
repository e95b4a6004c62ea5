#include "passes/channel_affine.h"

#include <algorithm>

#include "passes/match.h"
#include "passes/weights.h"

namespace nitro::passes {
namespace {

/// The values of a constant that varies at most over axis 1 of a value of rank `rank`.
std::optional<std::vector<double>> channel_values(const Graph& graph, ValueId value, int64_t rank,
                                                  int64_t channels) {
  if (const auto scalar = splat(graph, value))
    return std::vector<double>(static_cast<size_t>(channels), *scalar);
  const Tensor* tensor = graph.constant(value);
  if (!tensor || tensor->elements() != channels) return std::nullopt;
  Shape shape = tensor->shape();
  if (static_cast<int64_t>(shape.size()) > rank) return std::nullopt;
  shape.insert(shape.begin(), static_cast<size_t>(rank) - shape.size(), 1);
  if (rank < 2 || shape[1] != channels) return std::nullopt;
  return tensor->as<double>();
}

/// Puts y = `kind`(x, constant) (or of the swapped operands) under the affine map.
bool apply(ChannelAffine& affine, BinaryKind kind, bool constant_first,
           const std::vector<double>& constant) {
  if (kind == BinaryKind::kDiv && (constant_first || std::ranges::count(constant, 0.0) > 0))
    return false;
  for (size_t c = 0; c < constant.size(); ++c) {
    const double scale = affine.scale[c];
    switch (kind) {
      case BinaryKind::kAdd:
        affine.shift[c] += scale * constant[c];
        break;
      case BinaryKind::kSub:
        affine.shift[c] += (constant_first ? scale : -scale) * constant[c];
        if (constant_first) affine.scale[c] = -scale;
        break;
      case BinaryKind::kMul:
        affine.scale[c] *= constant[c];
        break;
      case BinaryKind::kDiv:
        affine.scale[c] /= constant[c];
        break;
      default:
        return false;
    }
  }
  return true;
}

}  // namespace

bool ChannelAffine::has_shift() const {
  return std::ranges::any_of(shift, [](double each) { return each != 0; });
}

ChannelAffine trace_channel_affine(const Rewriter& rewriter, ValueId value) {
  const Graph& graph = rewriter.source();
  const Shape shape = graph.type(value).shape;
  ChannelAffine affine{value, {}, {}, {}};
  if (shape.size() < 2) return affine;
  affine.scale.assign(static_cast<size_t>(shape[1]), 1);
  affine.shift.assign(static_cast<size_t>(shape[1]), 0);
  while (rewriter.used_once(affine.source)) {
    const Node* node = graph.producer(affine.source);
    const auto* binary = node ? std::get_if<Binary>(&node->op) : nullptr;
    if (!binary) break;
    const size_t side = graph.constant(node->inputs[0]) ? 0 : 1;
    const ValueId operand = node->inputs[1 - side];
    Shape single = shape;
    single[1] = 1;
    const Shape& operand_shape = graph.type(operand).shape;
    if (operand_shape != graph.type(affine.source).shape && operand_shape != single) break;
    const auto constant =
        channel_values(graph, node->inputs[side], graph.type(operand).rank(), shape[1]);
    if (!constant || !apply(affine, binary->kind, side == 0, *constant)) break;
    affine.nodes.push_back(node);
    affine.source = operand;
  }
  return affine;
}

Folded fold_into_convolution(const ChannelAffine& affine, const Tensor& weight, const Tensor* bias,
                             int64_t group) {
  Weights folded(weight);
  Weights sums = bias ? Weights(*bias) : Weights(TensorType{weight.dtype(), {weight.shape()[0]}});
  const auto outputs = static_cast<size_t>(weight.shape()[0]);
  const auto inputs = static_cast<size_t>(weight.shape()[1]);
  const size_t taps = folded.values.size() / (outputs * inputs);
  const size_t outputs_per_group = outputs / static_cast<size_t>(group);
  for (size_t m = 0; m < outputs; ++m) {
    for (size_t i = 0; i < inputs; ++i) {
      const size_t channel = m / outputs_per_group * inputs + i;
      for (size_t tap = 0; tap < taps; ++tap) {
        double& value = folded.values[(m * inputs + i) * taps + tap];
        sums.values[m] += value * affine.shift[channel];
        value *= affine.scale[channel];
      }
    }
  }
  return {folded.tensor(), sums.tensor()};
}

bool pads(const Conv& conv) {
  const auto any = [](const Ints& sizes) {
    return std::ranges::any_of(sizes, [](int64_t size) { return size != 0; });
  };
  return any(conv.pads_before) || any(conv.pads_after);
}

Result<void> replace_convolution(Rewriter& rewriter, const Node& node, const ChannelAffine& affine,
                                 Folded folded) {
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != kNoValue;
  std::vector<ValueId> inputs = {rewriter.mapped(affine.source),
                                 rewriter.add_constant(std::move(folded.weight))};
  if (has_bias || affine.has_shift())
    inputs.push_back(rewriter.add_constant(std::move(folded.bias)));
  std::vector<const Node*> from = affine.nodes;
  from.push_back(&node);
  rewriter.replace(node.outputs[0], TRY(rewriter.emit(node.op, inputs, from)));
  return {};
}

}  // namespace nitro::passes
