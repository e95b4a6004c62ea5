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

/// The images that `batch` joins for its only reader; `batch` itself where it is no such join.
std::vector<ValueId> joined_images(const Rewriter& rewriter, ValueId batch) {
  const Node* node = rewriter.source().producer(batch);
  const bool joins = node && node->op == Op(Concat{0}) && rewriter.used_once(batch);
  return joins ? node->inputs : std::vector{batch};
}

/// The convolution `node` of `image`, with what was `folded` into it.
Result<ValueId> convolve(Rewriter& rewriter, const Node& node, ValueId image,
                         std::optional<Folded>& folded) {
  std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
  std::vector<const Node*> from = {&node};
  inputs[0] = rewriter.mapped(folded ? folded->source : image);
  if (folded) {
    inputs = {inputs[0], rewriter.add_constant(std::move(folded->weight))};
    if (folded->bias) inputs.push_back(rewriter.add_constant(std::move(*folded->bias)));
    from.insert(from.begin(), folded->nodes.begin(), folded->nodes.end());
  }
  return rewriter.emit(node.op, std::move(inputs), from);
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

bool ConstantConv::pads() const {
  const auto any = [](const Ints& sizes) {
    return std::ranges::any_of(sizes, [](int64_t size) { return size != 0; });
  };
  return any(op.pads_before) || any(op.pads_after);
}

Folded fold_into_convolution(const ChannelAffine& affine, const ConstantConv& conv) {
  Weights folded(conv.weight);
  const Shape& shape = conv.weight.shape();
  Weights sums =
      conv.bias ? Weights(*conv.bias) : Weights(TensorType{conv.weight.dtype(), {shape[0]}});
  const auto outputs = static_cast<size_t>(shape[0]);
  const auto inputs = static_cast<size_t>(shape[1]);
  const size_t taps = folded.values.size() / (outputs * inputs);
  const size_t outputs_per_group = outputs / static_cast<size_t>(conv.op.group);
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
  Folded result{affine.source, folded.tensor(), std::nullopt, affine.nodes};
  if (conv.bias || affine.has_shift()) result.bias = sums.tensor();
  return result;
}

Result<bool> fold_image(Rewriter& rewriter, const Node& node, const FoldImage& fold) {
  const Graph& graph = rewriter.source();
  const auto* op = std::get_if<Conv>(&node.op);
  if (!op) return false;
  const Tensor* weight = graph.constant(node.inputs[1]);
  const ValueId bias = node.inputs.size() > 2 ? node.inputs[2] : kNoValue;
  if (!weight || (bias != kNoValue && !graph.constant(bias))) return false;
  const ConstantConv conv{*op, *weight, graph.constant(bias)};

  const std::vector<ValueId> images = joined_images(rewriter, node.inputs[0]);
  bool changed = false;
  std::vector<ValueId> results;
  std::vector<std::optional<Folded>> found;
  for (ValueId image : images) {
    found.push_back(fold(rewriter, conv, image));
    changed = changed || found.back();
  }
  if (!changed) return false;
  for (size_t i = 0; i < images.size(); ++i)
    results.push_back(TRY(convolve(rewriter, node, images[i], found[i])));
  const Node* join = graph.producer(node.inputs[0]);
  rewriter.replace(node.outputs[0], results.size() == 1
                                        ? results[0]
                                        : TRY(rewriter.emit(Concat{0}, results, {join, &node})));
  return true;
}

}  // namespace nitro::passes
