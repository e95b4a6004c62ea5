#include "zoo/layers.h"

#include <cmath>

#include "base/parallel.h"

namespace nitro::zoo {
namespace {

Tensor transposed(const Tensor& matrix) {
  const int64_t rows = matrix.shape()[0];
  const int64_t columns = matrix.shape()[1];
  Tensor result({DType::kF32, {columns, rows}});
  const float* source = matrix.data<float>().data();
  float* target = result.mutable_data<float>().data();
  constexpr int64_t kTile = 32;
  parallel_for((columns + kTile - 1) / kTile, 4, [&](int64_t begin, int64_t end) {
    const int64_t last_column = std::min(columns, end * kTile);
    for (int64_t row = 0; row < rows; row += kTile) {
      const int64_t last_row = std::min(rows, row + kTile);
      for (int64_t column = begin * kTile; column < last_column; ++column) {
        for (int64_t i = row; i < last_row; ++i) {
          target[column * rows + i] = source[i * columns + column];
        }
      }
    }
  });
  return result;
}

}  // namespace

Result<ValueId> linear(const ModuleBuilder& module, ValueId tokens, int64_t out, Bias bias) {
  return linear_named(module, tokens, out, {"weight", bias == Bias::kNone ? "" : "bias"});
}

Result<ValueId> linear_named(const ModuleBuilder& module, ValueId tokens, int64_t out,
                             const LinearNames& names) {
  const int64_t in = module.shape(tokens).back();
  const Tensor stored = TRY(module.values(names.weight, {out, in}, ParameterKind::kWeight));
  const ValueId weight = module.constant(transposed(stored), names.weight);
  const ValueId product = TRY(module.emit(MatMul{}, {tokens, weight}));
  if (names.bias.empty()) return product;
  const ValueId shift = TRY(module.parameter(names.bias, {out}, ParameterKind::kBias));
  return add(module, shift, product);
}

Result<ValueId> linear_of_vectors(const ModuleBuilder& module, ValueId vectors, int64_t out) {
  const int64_t in = module.shape(vectors).back();
  const ValueId weight = TRY(module.parameter("weight", {out, in}, ParameterKind::kWeight));
  const ValueId bias = TRY(module.parameter("bias", {out}, ParameterKind::kBias));
  return module.emit(Gemm{.transpose_b = true}, {vectors, weight, bias});
}

Result<ValueId> layer_norm(const ModuleBuilder& module, ValueId tokens, double epsilon) {
  const Shape shape = module.shape(tokens);
  const int64_t width = shape.back();
  const auto axis = static_cast<int64_t>(shape.size()) - 1;
  const ValueId scale = TRY(module.parameter("weight", {width}, ParameterKind::kScale));
  const ValueId bias = TRY(module.parameter("bias", {width}, ParameterKind::kBias));
  return module.emit(LayerNormalization{.axis = axis, .epsilon = epsilon}, {tokens, scale, bias});
}

Result<ValueId> convolution(const ModuleBuilder& module, ValueId map, const ConvSize& size,
                            Bias bias) {
  const Shape kernel = {size.out, module.shape(map)[1] / size.groups, size.kernel, size.kernel};
  const ValueId weight = TRY(module.parameter("weight", kernel, ParameterKind::kWeight));
  std::vector<ValueId> operands = {map, weight};
  if (bias == Bias::kAdded)
    operands.push_back(TRY(module.parameter("bias", {size.out}, ParameterKind::kBias)));
  const Conv conv{.strides = {size.stride, size.stride},
                  .dilations = {1, 1},
                  .pads_before = {size.padding, size.padding},
                  .pads_after = {size.padding, size.padding},
                  .group = size.groups};
  return module.emit(conv, std::move(operands));
}

Result<ValueId> patch_tokens(const ModuleBuilder& module, std::string_view name, ValueId image,
                             int64_t width, int64_t patch, Bias bias) {
  const ConvSize size{.out = width, .kernel = patch, .stride = patch};
  const ValueId map = TRY(convolution(module.child(name), image, size, bias));
  const Shape shape = module.shape(map);
  const ValueId flat = TRY(reshape(module, map, {shape[0], shape[1], shape[2] * shape[3]}));
  return transpose(module, flat, {0, 2, 1});
}

Result<ValueId> mean_of_tokens(const ModuleBuilder& root, ValueId tokens) {
  const ValueId channels = TRY(transpose(root, tokens, {0, 2, 1}));
  const Reduce mean{.kind = ReduceKind::kMean, .axes = {2}};
  const ValueId pooled = TRY(root.child("avgpool").emit(mean, {channels}));
  const Shape shape = root.shape(pooled);
  return reshape(root, pooled, {shape[0], shape[1]});
}

Result<ValueId> reshape(const ModuleBuilder& module, ValueId value, Shape shape) {
  return module.emit(Reshape{std::move(shape)}, {value});
}

Result<ValueId> transpose(const ModuleBuilder& module, ValueId value, Ints perm) {
  return module.emit(Transpose{std::move(perm)}, {value});
}

Result<ValueId> add(const ModuleBuilder& module, ValueId a, ValueId b) {
  return module.emit(Binary{BinaryKind::kAdd}, {a, b});
}

Result<ValueId> select(const ModuleBuilder& module, ValueId value, int64_t index) {
  const ValueId position = module.constant(Tensor::scalar(DType::kI64, static_cast<double>(index)));
  return module.emit(Gather{.axis = 0}, {value, position});
}

Result<Heads> scaled_heads(const ModuleBuilder& module, ValueId stacked) {
  const auto head_width = static_cast<double>(module.shape(stacked).back());
  const ValueId q = TRY(select(module, stacked, 0));
  const ValueId k = TRY(select(module, stacked, 1));
  const ValueId v = TRY(select(module, stacked, 2));
  const ValueId scale = module.constant(Tensor::scalar(DType::kF32, 1 / std::sqrt(head_width)));
  return Heads{TRY(module.emit(Binary{BinaryKind::kMul}, {q, scale})), k, v};
}

Result<ValueId> slice(const ModuleBuilder& module, ValueId value, size_t axis, int64_t start,
                      int64_t size, int64_t step) {
  Slice op{.starts = Ints(module.shape(value).size(), 0),
           .sizes = module.shape(value),
           .steps = Ints(module.shape(value).size(), 1)};
  op.starts[axis] = start;
  op.sizes[axis] = size;
  op.steps[axis] = step;
  return module.emit(std::move(op), {value});
}

}  // namespace nitro::zoo
