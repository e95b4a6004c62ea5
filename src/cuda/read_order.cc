#include "cuda/read_order.h"

namespace nitro::cuda {
namespace {

constexpr int64_t kPiece = 8;
constexpr int64_t kUnread = -1;

/// From a table or by a stride.
std::vector<int64_t> places(const plan::Plan& plan, plan::BufferId table, int64_t stride,
                            int64_t count) {
  if (table != plan::kNoBuffer) return plan.buffers[table].constant->as<int64_t>();
  std::vector<int64_t> result;
  for (int64_t i = 0; i < count; ++i) result.push_back(i * stride);
  return result;
}

}  // namespace

std::optional<ReadOrder> ReadOrder::of(const plan::Plan& plan, const plan::MatrixView& view,
                                       int64_t rows, int64_t columns) {
  if (view.run != kPiece || view.panel_rows > 0) return std::nullopt;
  ReadOrder order;
  order.rows_ = rows;
  order.columns_ = columns;
  order.pieces_.assign(static_cast<size_t>(plan.buffers[view.buffer].type.elements() / kPiece),
                       kUnread);
  const std::vector<int64_t> offsets = places(plan, view.offsets, view.column_stride, columns);
  int64_t number = 0;
  for (const int64_t base : places(plan, view.bases, view.row_stride, rows)) {
    for (size_t column = 0; column < offsets.size(); column += kPiece) {
      int64_t& piece = order.pieces_[static_cast<size_t>((base + offsets[column]) / kPiece)];
      if (piece != kUnread) return std::nullopt;
      piece = number++;
    }
  }
  return order;
}

std::optional<int64_t> ReadOrder::number(int64_t start, int64_t length) const {
  if (start % kPiece != 0 || length % kPiece != 0) return std::nullopt;
  const int64_t count = length / kPiece, in_row = columns_ / kPiece;
  const int64_t first = pieces_[static_cast<size_t>(start / kPiece)];
  if (first == kUnread || first % in_row + count > in_row) return std::nullopt;
  for (int64_t i = 1; i < count; ++i) {
    if (pieces_[static_cast<size_t>(start / kPiece + i)] != first + i) return std::nullopt;
  }
  return first * kPiece;
}

std::optional<std::vector<int64_t>> ReadOrder::numbers(const std::vector<int64_t>& starts,
                                                       int64_t length) const {
  std::vector<int64_t> result;
  for (const int64_t start : starts) {
    const std::optional<int64_t> one = number(start, length);
    if (!one) return std::nullopt;
    result.push_back(*one);
  }
  return result;
}

std::vector<int64_t> row_bases(const plan::Plan& plan, const plan::MatrixView& view, int64_t rows) {
  return places(plan, view.bases, view.row_stride, rows);
}

std::optional<std::vector<int64_t>> row_starts(const plan::Plan& plan, const plan::MatrixView& view,
                                               int64_t rows) {
  if (view.panel_rows > 0 || view.offsets != plan::kNoBuffer || view.column_stride != 1)
    return std::nullopt;
  return row_bases(plan, view, rows);
}

std::optional<std::vector<int64_t>> row_starts(const plan::Attention& attention) {
  const plan::HeadView& out = attention.out;
  if (attention.out_bases != plan::kNoBuffer || out.head_stride != attention.value_dim)
    return std::nullopt;
  std::vector<int64_t> starts;
  for (int64_t batch = 0; batch < attention.batch; ++batch) {
    for (int64_t token = 0; token < attention.queries; ++token) {
      starts.push_back(out.start + batch * out.batch_stride + token * out.token_stride);
    }
  }
  return starts;
}

}  // namespace nitro::cuda
