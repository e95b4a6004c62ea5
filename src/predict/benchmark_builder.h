#pragma once

#include "ir/graph.h"

namespace nitro::predict {

/// Layers for benchmarks. Weights are random, the same everywhere, no two alike, and keep results
/// about as large as what they are made of.
class BenchmarkBuilder {
 public:
  Result<ValueId> node(Op op, std::vector<ValueId> inputs);
  ValueId input(Shape shape);
  Shape shape(ValueId value) const { return graph_.type(value).shape; }

  /// Of tokens [batch, tokens, channels], with a bias.
  Result<ValueId> linear(ValueId tokens, int64_t out);
  /// Of maps [1, channels, rows, columns], with a bias and a ReLU after it.
  Result<ValueId> convolution(ValueId map, int64_t out, int64_t kernel, int64_t stride = 1,
                              int64_t groups = 1);
  /// softmax(q k^T / sqrt(width)) v of `heads` on tokens [batch, tokens, channels], q, k and v
  /// being linear layers of them.
  Result<ValueId> attention(ValueId tokens, int64_t heads);
  Result<ValueId> layer_norm(ValueId tokens);

  Graph finish(std::vector<ValueId> outputs);

 private:
  ValueId weight(Shape shape, double magnitude);
  /// A linear layer of tokens as [batch, heads, tokens, width].
  Result<ValueId> head_values(ValueId tokens, int64_t heads);

  Graph graph_;
  uint32_t state_ = 1;
};

}  // namespace nitro::predict
