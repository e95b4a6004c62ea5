#pragma once

#include <functional>
#include <optional>
#include <span>

#include "plan/plan.h"

namespace nitro::plan {

/// Where the elements of a batch of matrices lie: element (batch, row, column) at bases[batch *
/// rows + row]
/// + offsets[column].
struct MatrixPlaces {
  int64_t batch = 1;
  std::vector<int64_t> bases;
  std::vector<int64_t> offsets;

  int64_t rows() const { return static_cast<int64_t>(bases.size()) / batch; }
  int64_t columns() const { return static_cast<int64_t>(offsets.size()); }
  int64_t at(int64_t row, int64_t column) const {
    return bases[static_cast<size_t>(row)] + offsets[static_cast<size_t>(column)];
  }
};

/// The places of the elements map[p], p those of `places`; nothing where they are not a sum of one
/// number per row and one per column. An empty map leaves them.
std::optional<MatrixPlaces> through(const MatrixPlaces& places, std::span<const int64_t> map);

/// The order of the columns in which those that lie together in memory follow each other.
std::vector<size_t> order_in_memory(const MatrixPlaces& places);

/// numbers[order[0]], numbers[order[1]], …
template <class T>
std::vector<T> in_order(const std::vector<T>& numbers, const std::vector<size_t>& order) {
  std::vector<T> result;
  for (size_t i : order) result.push_back(numbers[i]);
  return result;
}

/// Adds a table to the plan's constants and names its buffer.
using AddTable = std::function<BufferId(std::vector<int64_t>)>;

/// The view of `buffer` that gives each element its place; nothing where the matrices of the batch
/// do not lie at equal distances in the same way, or a place needs more than 31 bits.
std::optional<MatrixView> matrix_view(BufferId buffer, MatrixPlaces places,
                                      const AddTable& add_table);

/// The run that a view of the places has; 0 where there is no view.
int64_t run_of_view(const MatrixPlaces& places);

/// The same for (batch, head, token, channel) of these sizes, which must be a sum of strides with
/// contiguous channels.
struct HeadPlaces {
  int64_t batch = 0;
  int64_t heads = 0;
  int64_t tokens = 0;
  int64_t channels = 0;
  std::function<int64_t(int64_t batch, int64_t head, int64_t token, int64_t channel)> at;
};
std::optional<HeadView> head_view(BufferId buffer, const HeadPlaces& places);

}  // namespace nitro::plan
