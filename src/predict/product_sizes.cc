#include "predict/product_sizes.h"

#include <algorithm>
#include <numeric>

#include "ir/attention_sizes.h"
#include "ir/is_any.h"

namespace nitro::predict {
namespace {

/// Convolutions in groups of fewer channels have kernels of their own.
constexpr int64_t kDenseChannels = 8;
/// Products of so few rows take the time of reading their weights.
constexpr int64_t kFewRows = 16;

int64_t product_of(std::span<const int64_t> sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>());
}

bool all_ones(const Ints& numbers) {
  return std::ranges::all_of(numbers, [](int64_t number) { return number == 1; });
}

ProductSizes sizes_of(const Graph& graph, const Node& node, const Conv& op) {
  const Shape& out = graph.type(node.outputs[0]).shape;
  const Shape& weights = graph.type(node.inputs[1]).shape;
  ProductSizes sizes;
  sizes.batch = op.group;
  sizes.rows = out[0] * product_of(std::span(out).subspan(2));
  sizes.columns = weights[0] / op.group;
  sizes.taps = product_of(std::span(weights).subspan(2));
  sizes.inner = weights[1] * sizes.taps;
  sizes.winograd = op.group == 1 && weights.size() == 4 && weights[2] == 3 && weights[3] == 3 &&
                   all_ones(op.strides) && all_ones(op.dilations);
  return sizes;
}

/// Each input element meets each tap.
ProductSizes sizes_of(const Graph& graph, const Node& node, const ConvTranspose& op) {
  const Shape& in = graph.type(node.inputs[0]).shape;
  const Shape& weights = graph.type(node.inputs[1]).shape;
  ProductSizes sizes;
  sizes.batch = op.group;
  sizes.rows = in[0] * product_of(std::span(in).subspan(2));
  sizes.taps = product_of(std::span(weights).subspan(2));
  sizes.columns = weights[1] * sizes.taps;
  sizes.inner = weights[0] / op.group;
  return sizes;
}

ProductSizes sizes_of(const Graph& graph, const Node& node, const MatMul& op) {
  const Shape& a = graph.type(node.inputs[0]).shape;
  const Shape& b = graph.type(node.inputs[1]).shape;
  const Shape& out = graph.type(node.outputs[0]).shape;
  ProductSizes sizes;
  sizes.columns = out.back();
  sizes.inner = a[a.size() - (op.transpose_a ? 2 : 1)];
  sizes.rows = product_of(out) / std::max<int64_t>(1, out.back());
  if (b.size() > 2 && product_of(std::span(b).first(b.size() - 2)) > 1) {
    sizes.rows = out[out.size() - 2];
    sizes.batch = product_of(std::span(out).first(out.size() - 2));
  }
  return sizes;
}

ProductSizes sizes_of(const Graph& graph, const Node& node, const Gemm& op) {
  const Shape& a = graph.type(node.inputs[0]).shape;
  const Shape& out = graph.type(node.outputs[0]).shape;
  return {.rows = out[0], .columns = out[1], .inner = a[op.transpose_a ? 0 : 1]};
}

ProductSizes sizes_of(const Graph& graph, const Node& node, const MatMulInteger&) {
  return sizes_of(graph, node, MatMul{});
}

/// Both of its products: a row of scores, and of results.
ProductSizes sizes_of(const Graph& graph, const Node& node, const Attention& op) {
  std::vector<const TensorType*> types;
  for (ValueId input : node.inputs)
    types.push_back(input == kNoValue ? nullptr : &graph.type(input));
  const auto sizes = attention_sizes(op, Operands(Attention::kName, types));
  if (!sizes) return {};
  return {.batch = sizes->batch * sizes->heads,
          .rows = sizes->queries,
          .columns = sizes->keys,
          .inner = sizes->head_size + sizes->value_size};
}

template <class OpT>
ProductSizes sizes_of(const Graph&, const Node&, const OpT&) {
  return {};
}

Family convolution_family(const ProductSizes& sizes) {
  const bool narrow = sizes.batch > 1 && sizes.columns < kDenseChannels;
  return narrow ? Family::kDepthwise : family_of(sizes);
}

}  // namespace

Family family_of(const ProductSizes& sizes) {
  if (sizes.rows <= kFewRows) return Family::kVector;
  return sizes.taps == 1 ? Family::kPointwise : Family::kConvolution;
}

bool is_weight(const Graph& graph, ValueId value) {
  if (graph.constant(value)) return true;
  const Node* producer = graph.producer(value);
  return producer && is_any<DequantizeLinear>(producer->op) && graph.constant(producer->inputs[0]);
}

ProductSizes product_sizes(const Graph& graph, const Node& node) {
  return std::visit([&](const auto& op) { return sizes_of(graph, node, op); },
                    static_cast<const AnyOp&>(node.op));
}

Family family_of(const Graph& graph, const Node& node) {
  if (is_any<Conv, ConvTranspose>(node.op)) return convolution_family(product_sizes(graph, node));
  if (is_any<MatMul, Gemm>(node.op)) {
    const bool constant = is_weight(graph, node.inputs[0]) || is_weight(graph, node.inputs[1]);
    return constant ? family_of(product_sizes(graph, node)) : Family::kProduct;
  }
  if (is_any<Einsum, Attention, ProjectedAttention, MatMulInteger, ConvInteger>(node.op))
    return Family::kProduct;
  if (is_any<Pool, LRN>(node.op)) return Family::kPool;
  if (is_any<Softmax>(node.op)) return Family::kSoftmax;
  if (is_any<Reduce, LayerNormalization, SkipLayerNormalization, RMSNormalization,
             GroupNormalization, LpNormalization, ArgReduce, TopK, CumSum>(node.op))
    return Family::kReduce;
  if (is_any<Transpose, Expand, Slice, Concat, Split, Pad, Tile, DepthToSpace, SpaceToDepth, Gather,
             GatherElements, GatherND, ScatterElements, ScatterND, OneHot, ReverseSequence, Resize,
             GridSample>(node.op))
    return Family::kMovement;
  return Family::kElementwise;
}

}  // namespace nitro::predict
