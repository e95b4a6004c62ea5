#include <cmath>

#include "base/parallel.h"
#include "ir/attention_sizes.h"
#include "reference/broadcast_offsets.h"
#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

/// y[i] += factor * x[i].
#if defined(__x86_64__)
__attribute__((target_clones("avx512f", "arch=haswell", "default")))
#endif
void add_scaled(double* y, const double* x, double factor, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] += factor * x[i];
}

/// Operand values as [batch, heads, tokens, size], whichever rank they come in.
std::vector<double> by_head(const Tensor& tensor, int64_t heads) {
  std::vector<double> values = tensor.as<double>();
  if (tensor.shape().size() == 4) return values;
  const Shape& shape = tensor.shape();
  const int64_t size = shape[2] / heads;
  std::vector<double> result;
  result.reserve(values.size());
  for (int64_t batch = 0; batch < shape[0]; ++batch) {
    for (int64_t head = 0; head < heads; ++head) {
      for (int64_t token = 0; token < shape[1]; ++token) {
        const auto first = values.begin() + ((batch * shape[1] + token) * heads + head) * size;
        result.insert(result.end(), first, first + size);
      }
    }
  }
  return result;
}

/// Swaps the axes of a stack of matrices [rows, columns].
std::vector<double> transposed(const std::vector<double>& x, int64_t rows, int64_t columns) {
  std::vector<double> y(x.size());
  const int64_t size = std::max<int64_t>(1, rows * columns);
  for (int64_t i = 0; i < static_cast<int64_t>(x.size()); ++i) {
    const int64_t row = i % size / columns;
    const int64_t column = i % columns;
    y[static_cast<size_t>(i / size * size + column * rows + row)] = x[static_cast<size_t>(i)];
  }
  return y;
}

/// Softmax in place; all zeros where every score is minus infinity.
void normalize(std::vector<double>& scores) {
  double largest = -INFINITY;
  for (double score : scores) largest = std::max(largest, score);
  double sum = 0;
  for (double& score : scores) {
    score = largest == -INFINITY ? 0 : std::exp(score - largest);
    sum += score;
  }
  for (double& score : scores) score = sum == 0 ? 0 : score / sum;
}

/// Added to each score [batch, heads, queries, keys]; empty: nothing.
std::vector<double> bias_of(const Call& call, const AttentionSizes& sizes,
                            std::vector<int64_t>& offsets) {
  if (!call.has(3)) return {};
  const Tensor& bias = call.in(3);
  offsets = broadcast_offsets(bias.shape(), {sizes.batch, sizes.heads, sizes.queries, sizes.keys});
  std::vector<double> values = bias.as<double>();
  if (bias.dtype() == DType::kBool) {
    for (double& value : values) value = value == 0 ? -INFINITY : 0;
  }
  return values;
}

}  // namespace

template <>
Result<void> evaluate(const Attention& op, Call& call) {
  const TensorType* types[] = {&call.in(0).type(), &call.in(1).type(), &call.in(2).type()};
  const AttentionSizes sizes = TRY(attention_sizes(op, Operands("Attention", types)));
  const std::vector<double> q = by_head(call.in(0), sizes.heads);
  const std::vector<double> k =
      transposed(by_head(call.in(1), sizes.key_heads), sizes.keys, sizes.head_size);
  const std::vector<double> v = by_head(call.in(2), sizes.key_heads);
  std::vector<int64_t> bias_offsets;
  const std::vector<double> bias = bias_of(call, sizes, bias_offsets);
  std::vector<double> y(static_cast<size_t>(call.out().elements()));

  const auto attend = [&](int64_t row, std::vector<double>& scores) {
    const int64_t query = row % sizes.queries;
    const int64_t head = row / sizes.queries % sizes.heads;
    const int64_t batch = row / sizes.queries / sizes.heads;
    const int64_t shared = batch * sizes.key_heads + head * sizes.key_heads / sizes.heads;
    std::ranges::fill(scores, 0.0);
    for (int64_t i = 0; i < sizes.head_size; ++i) {
      add_scaled(scores.data(), k.data() + (shared * sizes.head_size + i) * sizes.keys,
                 q[static_cast<size_t>(row * sizes.head_size + i)], sizes.keys);
    }
    for (int64_t key = 0; key < sizes.keys; ++key) {
      double& score = scores[static_cast<size_t>(key)];
      score *= op.scale;
      if (op.softcap != 0) score = op.softcap * std::tanh(score / op.softcap);
      if (!bias.empty()) {
        const int64_t offset = bias_offsets[static_cast<size_t>(row * sizes.keys + key)];
        score += bias[static_cast<size_t>(offset)];
      }
      if (op.causal && key > query) score = -INFINITY;
    }
    normalize(scores);
    const bool by_token = call.out().shape().size() == 3;
    const int64_t place = by_token ? (batch * sizes.queries + query) * sizes.heads + head : row;
    double* target = y.data() + place * sizes.value_size;
    for (int64_t key = 0; key < sizes.keys; ++key) {
      add_scaled(target, v.data() + (shared * sizes.keys + key) * sizes.value_size,
                 scores[static_cast<size_t>(key)], sizes.value_size);
    }
  };
  parallel_for(sizes.batch * sizes.heads * sizes.queries, 16, [&](int64_t begin, int64_t end) {
    std::vector<double> scores(static_cast<size_t>(sizes.keys));
    for (int64_t row = begin; row < end; ++row) attend(row, scores);
  });
  call.out().assign<double>(y);
  return {};
}

}  // namespace nitro::reference
