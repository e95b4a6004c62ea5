#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/parallel.h"

namespace nitro::reference {

/// The block of a matrix product that one call of accumulate_panel() works on.
inline constexpr int64_t kBlockRows = 6;
inline constexpr int64_t kPanelColumns = 8;

constexpr int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// sums[r][c] += sum over k, in order, of rows[k][r] * panel[k][c]; rows of kBlockRows, panel and
/// sums of kPanelColumns elements.
void accumulate_panel(int64_t inner, const double* rows, const double* panel, double* sums);

/// A left operand in the order in which accumulate_panel() reads it: blocks of kBlockRows rows,
/// each [inner][kBlockRows], the last one filled up with zeros. `at(row, k)` is an element.
template <class At>
std::vector<double> pack_rows(int64_t rows, int64_t inner, At at) {
  const int64_t blocks = ceil_divide(rows, kBlockRows);
  std::vector<double> packed(static_cast<size_t>(blocks * kBlockRows * inner), 0.0);
  parallel_for(blocks, 1 + 100'000 / (kBlockRows * inner + 1), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin * kBlockRows; row < std::min(rows, end * kBlockRows); ++row) {
      double* target = packed.data() + row / kBlockRows * kBlockRows * inner + row % kBlockRows;
      for (int64_t k = 0; k < inner; ++k) target[k * kBlockRows] = at(row, k);
    }
  });
  return packed;
}

/// `batch` products of one size.
struct ProductSize {
  int64_t batch = 1;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t inner = 0;
};

/// Multiplies. left(b): a packed left operand. right(b, column, k, count, panel): fills
/// panel[count][kPanelColumns] with rows k… and columns column… of a right operand; columns behind
/// the last may hold anything finite. store(b, column, count, sums): takes the sums of all rows for
/// `count` columns, kPanelColumns per row. Each sum is made in the order of k by one thread.
template <class Left, class Right, class Store>
void multiply(const ProductSize& size, Left left, Right right, Store store) {
  constexpr int64_t kChunk = 512;  // a panel of this depth stays in the first-level cache
  const int64_t panels = ceil_divide(size.columns, kPanelColumns);
  const int64_t blocks = ceil_divide(size.rows, kBlockRows);
  const int64_t work = blocks * kBlockRows * kPanelColumns * std::max<int64_t>(1, size.inner);
  parallel_for(size.batch * panels, 1 + 200'000 / (work + 1), [&](int64_t begin, int64_t end) {
    std::vector<double> panel(static_cast<size_t>(kChunk * kPanelColumns));
    std::vector<double> sums(static_cast<size_t>(blocks * kBlockRows * kPanelColumns));
    for (int64_t item = begin; item < end; ++item) {
      const int64_t batch = item / panels;
      const int64_t column = item % panels * kPanelColumns;
      std::ranges::fill(sums, 0.0);
      for (int64_t k = 0; k < size.inner; k += kChunk) {
        const int64_t depth = std::min(kChunk, size.inner - k);
        right(batch, column, k, depth, panel.data());
        for (int64_t block = 0; block < blocks; ++block) {
          accumulate_panel(depth, left(batch) + (block * size.inner + k) * kBlockRows, panel.data(),
                           sums.data() + block * kBlockRows * kPanelColumns);
        }
      }
      store(batch, column, std::min(kPanelColumns, size.columns - column), sums.data());
    }
  });
}

}  // namespace nitro::reference
