#pragma once

#include <optional>
#include <vector>

#include "plan/plan.h"

namespace nitro::cuda {

/// The order in which the rows of a view read a buffer: element (row, column) is number
/// row * columns + column of it.
class ReadOrder {
 public:
  /// Nothing where the view is not made of whole pieces of 8 elements, each read once.
  static std::optional<ReadOrder> of(const plan::Plan& plan, const plan::MatrixView& view,
                                     int64_t rows, int64_t columns);

  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }

  /// The numbers of the first elements of stretches of `length` elements of the buffer from
  /// `starts` on; nothing where one is not read by a single row, one element after the other.
  std::optional<std::vector<int64_t>> numbers(const std::vector<int64_t>& starts,
                                              int64_t length) const;

 private:
  std::optional<int64_t> number(int64_t start, int64_t length) const;

  int64_t rows_ = 0;
  int64_t columns_ = 0;
  std::vector<int64_t> pieces_;  // numbers of the buffer's pieces, in pieces; -1: not read
};

/// Where the rows of a view start, from its table or by its stride.
std::vector<int64_t> row_bases(const plan::Plan& plan, const plan::MatrixView& view, int64_t rows);
/// Where the rows of a view start in its buffer; nothing where rows are not contiguous.
std::optional<std::vector<int64_t>> row_starts(const plan::Plan& plan, const plan::MatrixView& view,
                                               int64_t rows);
/// Where the rows of all heads' results start: token after token, batch after batch.
std::optional<std::vector<int64_t>> row_starts(const plan::Attention& attention);

}  // namespace nitro::cuda
