#include "zoo/deformable_attention.h"

#include <cmath>

#include "zoo/layers.h"

namespace nitro::zoo {
namespace {

/// Points of a square grid as (x, y), row by row: entry i of an axis is at (i + shift) / (side - 1)
/// of the way from -1 to 1.
Tensor grid_points(Shape shape, int64_t side, double shift) {
  std::vector<double> points;
  const auto at = [&](int64_t i) {
    return (static_cast<double>(i) + shift) / static_cast<double>(side - 1) * 2 - 1;
  };
  for (int64_t row = 0; row < side; ++row) {
    for (int64_t column = 0; column < side; ++column) {
      points.push_back(at(column));
      points.push_back(at(row));
    }
  }
  return Tensor::of(DType::kF32, std::move(shape), points);
}

Result<ValueId> sampled(const ModuleBuilder& module, ValueId map, ValueId grid) {
  return module.emit(GridSample{.align_corners = true}, {map, grid});
}

/// Places to sample as (x, y) in [-1, 1]: [batch * groups, rows, columns, 2]. Reads q
/// [batch, width, side, side].
Result<ValueId> sampling_places(const ModuleBuilder& module, ValueId q,
                                const DeformableSize& size) {
  const Shape shape = module.shape(q);
  const int64_t width = shape[1] / size.groups;
  const ValueId grouped =
      TRY(reshape(module, q, {shape[0] * size.groups, width, shape[2], shape[3]}));
  const ConvSize near{.out = width,
                      .kernel = size.kernel,
                      .stride = size.stride,
                      .padding = size.kernel / 2,
                      .groups = width};
  ValueId x = TRY(convolution(module.sequential_item("conv_offset", 0), grouped, near));
  x = TRY(channel_norm(module.sequential_item("conv_offset", 1), x));
  x = TRY(module.sequential_item("conv_offset", 2).emit(Gelu{}, {x}));
  const ValueId offsets =
      TRY(convolution(module.sequential_item("conv_offset", 3), x, {.out = 2}, Bias::kNone));
  const ValueId down_right = TRY(transpose(module, offsets, {0, 2, 3, 1}));
  const ValueId flip = module.constant(Tensor::vector({1, 0}));
  const ValueId right_down = TRY(module.emit(Gather{.axis = 3}, {down_right, flip}));
  const int64_t side = module.shape(right_down)[1];
  const ValueId centres = module.constant(grid_points({1, side, side, 2}, side, 0.5));
  const ValueId moved = TRY(add(module, right_down, centres));
  return module.emit(Clip{.low = -1, .high = 1}, {moved});
}

/// The bias of each query and place, [batch * heads, queries, places].
Result<ValueId> position_bias(const ModuleBuilder& module, ValueId places, const Shape& map,
                              const DeformableSize& size) {
  const int64_t batch = map[0], side = map[2], queries = side * side, entries = 2 * side - 1;
  const int64_t all = batch * size.groups, shared = size.heads / size.groups;
  const Shape place_shape = module.shape(places);
  const int64_t count = place_shape[1] * place_shape[2];
  const ValueId stored =
      TRY(module.parameter("rpe_table", {size.heads, entries, entries}, ParameterKind::kScoreBias));
  const ValueId repeated =
      TRY(module.emit(Expand{{batch, size.heads, entries, entries}}, {stored}));
  const ValueId table = TRY(reshape(module, repeated, {all, shared, entries, entries}));

  const ValueId from = module.constant(grid_points({1, queries, 1, 2}, side, 0));
  const ValueId to = TRY(reshape(module, places, {all, 1, count, 2}));
  const ValueId away = TRY(module.emit(Binary{BinaryKind::kSub}, {from, to}));
  const ValueId half = module.constant(Tensor::scalar(DType::kF32, 0.5));
  const ValueId grid = TRY(module.emit(Binary{BinaryKind::kMul}, {away, half}));
  const ValueId bias = TRY(sampled(module, table, grid));
  return reshape(module, bias, {batch * size.heads, queries, count});
}

}  // namespace

Result<ValueId> channel_norm(const ModuleBuilder& module, ValueId map) {
  constexpr double kEpsilon = 1e-5;
  const ValueId last = TRY(transpose(module, map, {0, 2, 3, 1}));
  return transpose(module, TRY(layer_norm(module.child("norm"), last, kEpsilon)), {0, 3, 1, 2});
}

Result<ValueId> deformable_attention(const ModuleBuilder& module, ValueId map,
                                     const DeformableSize& size) {
  const Shape shape = module.shape(map);
  const int64_t batch = shape[0], width = shape[1], queries = shape[2] * shape[3];
  const int64_t heads = batch * size.heads, head_width = width / size.heads;
  const ConvSize pointwise{.out = width};
  const ValueId q_map = TRY(convolution(module.child("proj_q"), map, pointwise));
  const ValueId places = TRY(sampling_places(module, q_map, size));
  const ValueId grouped =
      TRY(reshape(module, map, {batch * size.groups, width / size.groups, shape[2], shape[3]}));
  const ValueId seen = TRY(sampled(module, grouped, places));
  const int64_t keys = module.shape(seen)[2] * module.shape(seen)[3];
  const ValueId seen_row = TRY(reshape(module, seen, {batch, width, 1, keys}));

  const ValueId k_map = TRY(convolution(module.child("proj_k"), seen_row, pointwise));
  const ValueId v_map = TRY(convolution(module.child("proj_v"), seen_row, pointwise));
  const ValueId q = TRY(reshape(module, q_map, {heads, head_width, queries}));
  const ValueId k = TRY(reshape(module, k_map, {heads, head_width, keys}));
  const ValueId v = TRY(reshape(module, v_map, {heads, head_width, keys}));
  const ValueId q_rows = TRY(transpose(module, q, {0, 2, 1}));
  const ValueId products = TRY(module.emit(MatMul{}, {q_rows, k}));
  const ValueId scale =
      module.constant(Tensor::scalar(DType::kF32, 1 / std::sqrt(static_cast<double>(head_width))));
  const ValueId scaled = TRY(module.emit(Binary{BinaryKind::kMul}, {products, scale}));
  const ValueId bias = TRY(position_bias(module, places, shape, size));
  const ValueId scores = TRY(add(module, scaled, bias));
  const ValueId weights = TRY(module.emit(Softmax{.axis = 2}, {scores}));
  const ValueId to_columns = TRY(transpose(module, weights, {0, 2, 1}));
  const ValueId mixed = TRY(module.emit(MatMul{}, {v, to_columns}));
  return convolution(module.child("proj_out"), TRY(reshape(module, mixed, shape)), pointwise);
}

}  // namespace nitro::zoo
