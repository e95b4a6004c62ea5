#pragma once

#include "passes/testing.h"

namespace nitro::plan {

/// Quantised values in a graph.
struct Bytes {
  passes::TestGraph& g;

  ValueId weights(Shape shape, DType dtype = DType::kI8) {
    std::vector<double> numbers(static_cast<size_t>(element_count(shape)));
    for (double& number : numbers) {
      number = static_cast<double>(random.below(255)) - (dtype == DType::kI8 ? 127 : 0);
    }
    return g.values(std::move(shape), numbers, dtype);
  }
  /// One scale for each index along `axis`.
  ValueId per_axis(ValueId integers, int64_t axis) {
    std::vector<double> scales(static_cast<size_t>(g.shape(integers)[static_cast<size_t>(axis)]));
    for (double& scale : scales) scale = 0.001 * static_cast<double>(1 + random.below(9));
    const ValueId constant = g.values({static_cast<int64_t>(scales.size())}, scales);
    return g.node(DequantizeLinear{axis}, {integers, constant});
  }
  ValueId dequantized(ValueId integers, double scale, double zero, DType dtype) {
    return g.node(DequantizeLinear{}, {integers, g.scalar(scale), g.scalar(zero, dtype)});
  }
  ValueId quantized(ValueId x, double scale, double zero, DType dtype) {
    return g.node(QuantizeLinear{}, {x, g.scalar(scale), g.scalar(zero, dtype)});
  }
  /// Rounded to what 8 bits hold.
  ValueId rounded(ValueId x, double scale, double zero = 0, DType dtype = DType::kI8) {
    return dequantized(quantized(x, scale, zero, dtype), scale, zero, dtype);
  }
  ValueId linear(ValueId x, int64_t out) {
    return g.node(MatMul{}, {x, per_axis(weights({g.shape(x).back(), out}), 1)});
  }

  Random random{5};
};

/// LayerNorm, two layers with GELU between them and the sum with the input, all in 8-bit integers.
inline Graph quantised_mlp(int64_t width = 24) {
  passes::TestGraph g;
  Bytes bytes{g};
  const ValueId x = g.input({1, 7, width});
  ValueId y = bytes.rounded(g.layer_norm(x), 0.03, 5, DType::kU8);
  y = g.node(Gelu{}, {g.add(bytes.linear(y, 2 * width), g.weight({2 * width}))});
  y = g.add(x, bytes.linear(bytes.rounded(y, 0.05, -3), width));
  return g.finish({y});
}

/// A residual stream that grows beyond f16 between two normalisations.
inline Graph growing_stream() {
  passes::TestGraph g;
  const ValueId x = g.input({5, 16});
  ValueId y = g.linear(g.layer_norm(x), 16);
  y = g.add(x, g.mul(y, g.scalar(1e5)));
  return g.finish({g.linear(g.layer_norm(y), 8)});
}

}  // namespace nitro::plan
