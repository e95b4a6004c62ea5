#include <numeric>

#include "onnx/import_resampling.h"
#include "onnx/import_window.h"
#include "onnx/importers.h"

namespace nitro::onnx {
namespace {

using Values = Result<std::vector<ValueId>>;

/// Outputs along one axis; with `ceil` also a last window that only starts inside the input.
Result<int64_t> pooled_size(const Pool& op, size_t i, int64_t size, bool ceil) {
  const int64_t padded = size + op.pads_before[i] + op.pads_after[i];
  const int64_t room = padded - dilated_extent(op.kernel[i], op.dilations[i]);
  if (room < 0) {
    return fail(ErrorCode::kShapeMismatch, "the pool's kernel is larger than its padded input");
  }
  const int64_t stride = op.strides[i];
  int64_t outputs = room / stride + 1;
  if (ceil && room % stride != 0 && outputs * stride < size + op.pads_before[i]) ++outputs;
  return outputs;
}

Result<Pool> read_pool(const ImportNode& node, PoolKind kind) {
  const Shape spatial = TRY(spatial_shape(node, 0));
  ImportedWindow window = TRY(read_window(node, spatial, {}));
  Pool op;
  op.kind = kind;
  op.kernel = std::move(window.kernel);
  op.strides = std::move(window.strides);
  op.dilations = std::move(window.dilations);
  op.pads_before = std::move(window.pads_before);
  op.pads_after = std::move(window.pads_after);
  const bool ceil = TRY(node.integer("ceil_mode", 0)) != 0;
  for (size_t i = 0; i < spatial.size(); ++i) {
    op.out.push_back(TRY(pooled_size(op, i, spatial[i], ceil)));
  }
  return op;
}

Values import_max_pool(ImportNode& node) {
  Pool op = TRY(read_pool(node, PoolKind::kMax));
  op.columns_first = TRY(node.integer("storage_order", 0)) != 0;
  std::vector<ValueId> results = TRY(node.emit_all(op, {node.input(0)}));
  results.resize(std::min<size_t>(2, node.output_count()));
  return results;
}

Values import_average_pool(ImportNode& node) {
  Pool op = TRY(read_pool(node, PoolKind::kAverage));
  op.count_padding = TRY(node.integer("count_include_pad", 0)) != 0;
  return node.emit_all(op, {node.input(0)});
}

Values import_lp_pool(ImportNode& node) {
  Pool op = TRY(read_pool(node, PoolKind::kLp));
  op.p = TRY(node.integer("p", 2));
  return node.emit_all(op, {node.input(0)});
}

Values reduce_spatial(ImportNode& node, ReduceKind kind) {
  const Shape spatial = TRY(spatial_shape(node, 0));
  Reduce op{kind, Ints(spatial.size()), true};
  std::iota(op.axes.begin(), op.axes.end(), 2);
  return node.emit_all(op, {node.input(0)});
}

Values import_global_average_pool(ImportNode& node) {
  return reduce_spatial(node, ReduceKind::kMean);
}

Values import_global_max_pool(ImportNode& node) { return reduce_spatial(node, ReduceKind::kMax); }

Values import_global_lp_pool(ImportNode& node) {
  const int64_t p = TRY(node.integer("p", 2));
  if (p == 1) return reduce_spatial(node, ReduceKind::kL1);
  if (p == 2) return reduce_spatial(node, ReduceKind::kL2);
  const Shape spatial = TRY(spatial_shape(node, 0));
  const Ints ones(spatial.size(), 1);
  const Ints zeros(spatial.size(), 0);
  return node.emit_all(
      Pool{PoolKind::kLp, spatial, ones, ones, zeros, zeros, ones, false, p, false},
      {node.input(0)});
}

}  // namespace

std::span<const ImporterRow> pooling_importers() {
  static constexpr ImporterRow kRows[] = {
      {"", "AveragePool", import_average_pool},
      {"", "GlobalAveragePool", import_global_average_pool},
      {"", "GlobalLpPool", import_global_lp_pool},
      {"", "GlobalMaxPool", import_global_max_pool},
      {"", "GridSample", import_grid_sample},
      {"", "LpPool", import_lp_pool},
      {"", "MaxPool", import_max_pool},
      {"", "Resize", import_resize},
      {"", "Upsample", import_upsample},
  };
  return kRows;
}

}  // namespace nitro::onnx
