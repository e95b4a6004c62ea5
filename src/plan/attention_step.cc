#include "plan/attention_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace nitro::plan {
namespace {

constexpr double kMaskedHalf = -65504;
constexpr double kMasked = -1e30;

/// The strides of an operand that broadcasts to [batch, heads, queries, keys].
std::array<int64_t, 4> bias_strides(const Shape& shape) {
  std::array<int64_t, 4> strides = {};
  const std::vector<int64_t> dense = strides_of(shape);
  const size_t extra = 4 - shape.size();
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] > 1) strides[axis + extra] = dense[axis];
  }
  return strides;
}

/// What is added to the scores, masked places as numbers that leave nothing after the softmax.
std::vector<double> bias_numbers(const Tensor& bias, Precision precision) {
  const double least = precision == Precision::kF16 ? kMaskedHalf : kMasked;
  std::vector<double> numbers = bias.as<double>();
  for (double& number : numbers) {
    if (bias.dtype() == DType::kBool) number = number != 0 ? 0 : least;
    number = std::max(number, least);
  }
  return numbers;
}

bool is_masked(double number) { return number <= kMaskedHalf; }

/// Whether some query sees no key: its result is 0, which the step does not give.
bool hides_all_keys(const std::vector<double>& numbers, const Shape& shape,
                    const AttentionSizes& sizes, bool causal) {
  const std::array<int64_t, 4> strides = bias_strides(shape);
  const auto seen = [&](int64_t row, int64_t query) {
    const int64_t keys = causal ? std::min(sizes.keys, query + 1) : sizes.keys;
    for (int64_t key = 0; key < keys; ++key) {
      if (!is_masked(numbers[static_cast<size_t>(row + key * strides[3])])) return true;
    }
    return false;
  };
  for (int64_t batch = 0; batch < (strides[0] ? sizes.batch : 1); ++batch) {
    for (int64_t head = 0; head < (strides[1] ? sizes.heads : 1); ++head) {
      for (int64_t query = 0; query < sizes.queries; ++query) {
        const int64_t row = batch * strides[0] + head * strides[1] + query * strides[2];
        if (!seen(row, query)) return true;
      }
    }
  }
  return false;
}

/// The smallest number of batches after which the numbers repeat.
int64_t period(const std::vector<double>& numbers, int64_t batches) {
  const size_t each = numbers.size() / static_cast<size_t>(batches);
  for (int64_t count = 1; count < batches; ++count) {
    if (batches % count != 0) continue;
    const size_t length = each * static_cast<size_t>(count);
    if (std::equal(numbers.begin() + static_cast<std::ptrdiff_t>(length), numbers.end(),
                   numbers.begin())) {
      return count;
    }
  }
  return batches;
}

Result<void> set_bias(Lowering& lowering, const Node& node, Attention& attention) {
  if (node.inputs.size() < 4 || node.inputs[3] == kNoValue) return {};
  const ValueId value = node.inputs[3];
  const Shape& shape = lowering.graph().type(value).shape;
  const std::array<int64_t, 4> strides = bias_strides(shape);
  attention.bias_batches = strides[0] ? attention.batch : 1;
  attention.bias_batch_stride = strides[0];
  attention.bias_head_stride = strides[1];
  attention.bias_query_stride = strides[2];
  attention.bias_key_stride = strides[3];
  const Tensor* constant = lowering.graph().constant(value);
  if (!constant) {
    attention.bias = TRY(lowering.buffer_of(value));
    return {};
  }
  std::vector<double> numbers = bias_numbers(
      *constant, lowering.is_wide(node.inputs[0]) ? Precision::kF32 : lowering.plan().precision);
  Shape stored = shape;
  if (strides[0]) {
    attention.bias_batches = period(numbers, shape[0]);
    stored[0] = attention.bias_batches;
    numbers.resize(static_cast<size_t>(element_count(stored)));
  }
  attention.bias = lowering.add_numbers(stored, numbers);
  return {};
}

Result<HeadView> operand_view(Lowering& lowering, ValueId value, int64_t heads,
                              std::vector<NodeId>& nodes) {
  const HeadPlaces whole = head_places(lowering.graph().type(value).shape, heads);
  const Traced traced = lowering.traced(value);
  const BufferId source = TRY(lowering.buffer_of(traced.source));
  HeadPlaces places = whole;
  places.at = [&](int64_t batch, int64_t head, int64_t token, int64_t channel) {
    return traced.at(whole.at(batch, head, token, channel));
  };
  if (const auto view = head_view(source, places)) {
    nodes.insert(nodes.end(), traced.nodes.begin(), traced.nodes.end());
    return *view;
  }
  const BufferId moved = TRY(lowering.buffer_of(value));
  return *head_view(moved, whole);
}

}  // namespace

HeadPlaces head_places(const Shape& shape, int64_t heads) {
  const std::vector<int64_t> strides = strides_of(shape);
  if (shape.size() == 4) {
    return {shape[0], shape[1], shape[2], shape[3],
            [strides](int64_t batch, int64_t head, int64_t token, int64_t channel) {
              return batch * strides[0] + head * strides[1] + token * strides[2] + channel;
            }};
  }
  const int64_t channels = shape[2] / heads;
  return {shape[0], heads, shape[1], channels,
          [strides, channels](int64_t batch, int64_t head, int64_t token, int64_t channel) {
            return batch * strides[0] + token * strides[1] + head * channels + channel;
          }};
}

std::optional<AttentionGroup> attention_of(const Lowering& lowering, NodeId id) {
  const Graph& graph = lowering.graph();
  const Node& node = graph.node(id);
  const auto* op = std::get_if<nitro::Attention>(&node.op);
  if (!op || !is_float(graph.type(node.outputs[0]).dtype)) return std::nullopt;
  std::vector<const TensorType*> types;
  for (size_t i = 0; i < 3; ++i) types.push_back(&graph.type(node.inputs[i]));
  const auto sizes = attention_sizes(*op, Operands("Attention", types));
  if (!sizes || graph.type(node.outputs[0]).elements() == 0 || sizes->keys == 0 ||
      sizes->head_size == 0) {
    return std::nullopt;
  }
  AttentionGroup group{{id}, id, *sizes, node.outputs[0]};
  if (node.inputs.size() < 4 || node.inputs[3] == kNoValue) return group;
  const Tensor* bias = graph.constant(node.inputs[3]);
  if (!bias && !is_float(graph.type(node.inputs[3]).dtype)) return std::nullopt;
  if (bias &&
      hides_all_keys(bias_numbers(*bias, Precision::kF16), bias->shape(), *sizes, op->causal)) {
    return std::nullopt;
  }
  return group;
}

Result<void> lower_attention(Lowering& lowering, const AttentionGroup& group) {
  const Graph& graph = lowering.graph();
  const Node& node = graph.node(group.attention);
  const auto& op = std::get<nitro::Attention>(node.op);
  const AttentionSizes& sizes = group.sizes;
  std::vector<NodeId> nodes = group.nodes;
  Attention attention;
  attention.batch = sizes.batch;
  attention.heads = sizes.heads;
  attention.key_heads = sizes.key_heads;
  attention.queries = sizes.queries;
  attention.keys = sizes.keys;
  attention.head_dim = sizes.head_size;
  attention.value_dim = sizes.value_size;
  attention.scale = op.scale;
  attention.softcap = op.softcap;
  attention.causal = op.causal;
  attention.q = TRY(operand_view(lowering, node.inputs[0], sizes.heads, nodes));
  attention.k = TRY(operand_view(lowering, node.inputs[1], sizes.key_heads, nodes));
  attention.v = TRY(operand_view(lowering, node.inputs[2], sizes.key_heads, nodes));
  TRY(set_bias(lowering, node, attention));
  const HeadPlaces whole = head_places(graph.type(node.outputs[0]).shape, sizes.heads);
  HeadPlaces out = whole;
  if (!group.places.empty()) {
    out.at = [&](int64_t batch, int64_t head, int64_t token, int64_t channel) {
      return group.places[static_cast<size_t>(whole.at(batch, head, token, channel))];
    };
  }
  attention.out = *head_view(lowering.add_result(group.result), out);
  const std::string name = fmt::format("attention {}x{} {}x{}x{}", sizes.batch, sizes.heads,
                                       sizes.queries, sizes.keys, sizes.head_size);
  lowering.add_step(name, attention, std::move(nodes));
  return {};
}

}  // namespace nitro::plan
