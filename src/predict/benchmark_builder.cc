#include "predict/benchmark_builder.h"

#include <cmath>

namespace nitro::predict {

Result<ValueId> BenchmarkBuilder::node(Op op, std::vector<ValueId> inputs) {
  const OriginId origin = graph_.add_origin({fmt::format("layer{}", graph_.nodes().size()), ""});
  const std::vector<ValueId> outputs =
      TRY(graph_.add_node(std::move(op), std::move(inputs), {origin}));
  return outputs[0];
}

ValueId BenchmarkBuilder::input(Shape shape) {
  return graph_.add_input(fmt::format("x{}", graph_.inputs().size()),
                          {DType::kF32, std::move(shape)});
}

ValueId BenchmarkBuilder::weight(Shape shape, double magnitude) {
  Tensor tensor({DType::kF32, std::move(shape)});
  for (float& value : tensor.mutable_data<float>()) {
    state_ = state_ * 1664525 + 1013904223;  // Numerical Recipes' generator
    value = static_cast<float>(magnitude * (static_cast<double>(state_) / 2147483648.0 - 1));
  }
  return graph_.add_constant(std::move(tensor), fmt::format("w{}", graph_.values().size()));
}

Result<ValueId> BenchmarkBuilder::linear(ValueId tokens, int64_t out) {
  const int64_t in = shape(tokens).back();
  const double magnitude = std::sqrt(3.0 / static_cast<double>(in));
  const ValueId product = TRY(node(MatMul{}, {tokens, weight({in, out}, magnitude)}));
  return node(Binary{BinaryKind::kAdd}, {product, weight({out}, 0.1)});
}

Result<ValueId> BenchmarkBuilder::convolution(ValueId map, int64_t out, int64_t kernel,
                                              int64_t stride, int64_t groups) {
  const int64_t in = shape(map)[1] / groups;
  const double magnitude = std::sqrt(6.0 / static_cast<double>(in * kernel * kernel));
  const Ints pads(2, kernel / 2);
  const ValueId made =
      TRY(node(Conv{{stride, stride}, {1, 1}, pads, pads, groups},
               {map, weight({out, in, kernel, kernel}, magnitude), weight({out}, 0.1)}));
  return node(Unary{UnaryKind::kRelu}, {made});
}

Result<ValueId> BenchmarkBuilder::head_values(ValueId tokens, int64_t heads) {
  const Shape from = shape(tokens);
  const ValueId made = TRY(linear(tokens, from[2]));
  const ValueId split = TRY(node(Reshape{{from[0], from[1], heads, from[2] / heads}}, {made}));
  return node(Transpose{{0, 2, 1, 3}}, {split});
}

Result<ValueId> BenchmarkBuilder::attention(ValueId tokens, int64_t heads) {
  const Shape from = shape(tokens);
  const ValueId q = TRY(head_values(tokens, heads));
  const ValueId k = TRY(head_values(tokens, heads));
  const ValueId v = TRY(head_values(tokens, heads));
  const double scale = 1 / std::sqrt(static_cast<double>(from[2] / heads));
  const ValueId factor = graph_.add_constant(Tensor::scalar(DType::kF32, scale));
  const ValueId scaled = TRY(node(Binary{BinaryKind::kMul}, {q, factor}));
  const ValueId turned = TRY(node(Transpose{{0, 1, 3, 2}}, {k}));
  const ValueId scores = TRY(node(MatMul{}, {scaled, turned}));
  const ValueId result = TRY(node(MatMul{}, {TRY(node(Softmax{3}, {scores})), v}));
  return node(Reshape{from}, {TRY(node(Transpose{{0, 2, 1, 3}}, {result}))});
}

Result<ValueId> BenchmarkBuilder::layer_norm(ValueId tokens) {
  const int64_t width = shape(tokens).back();
  return node(LayerNormalization{static_cast<int64_t>(shape(tokens).size()) - 1},
              {tokens, weight({width}, 1), weight({width}, 0.1)});
}

Graph BenchmarkBuilder::finish(std::vector<ValueId> outputs) {
  for (size_t i = 0; i < outputs.size(); ++i)
    graph_.set_value_name(outputs[i], fmt::format("y{}", i));
  graph_.set_outputs(std::move(outputs));
  return std::move(graph_);
}

}  // namespace nitro::predict
