#include "plan/matrix_view.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace nitro::plan {
namespace {

/// The step between neighbours if all are the same and the first is 0.
std::optional<int64_t> stride_of(std::span<const int64_t> numbers) {
  const int64_t stride = numbers.size() > 1 ? numbers[1] - numbers[0] : 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<int64_t>(i) * stride) return std::nullopt;
  }
  return stride;
}

bool in_runs(int64_t run, std::span<const int64_t> bases, std::span<const int64_t> offsets) {
  if (static_cast<int64_t>(offsets.size()) % run != 0) return false;
  for (int64_t base : bases) {
    if (base % run != 0) return false;
  }
  for (size_t i = 0; i < offsets.size(); ++i) {
    const auto in_run = static_cast<int64_t>(i) % run;
    if (in_run == 0 ? offsets[i] % run != 0 : offsets[i] != offsets[i - 1] + 1) return false;
  }
  return true;
}

int64_t run_of(const MatrixPlaces& places) {
  for (int64_t run : {8, 4, 2}) {
    if (in_runs(run, places.bases, places.offsets)) return run;
  }
  return 1;
}

}  // namespace

std::optional<MatrixPlaces> through(const MatrixPlaces& places, std::span<const int64_t> map) {
  if (map.empty()) return places;
  const auto at = [&](int64_t row, int64_t column) {
    return map[static_cast<size_t>(places.at(row, column))];
  };
  MatrixPlaces result = places;
  const auto rows = static_cast<int64_t>(places.bases.size());
  for (int64_t row = 0; row < rows; ++row) result.bases[static_cast<size_t>(row)] = at(row, 0);
  for (int64_t column = 0; column < places.columns(); ++column) {
    result.offsets[static_cast<size_t>(column)] = at(0, column) - at(0, 0);
  }
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < places.columns(); ++column) {
      if (at(row, column) != result.at(row, column)) return std::nullopt;
    }
  }
  return result;
}

std::vector<size_t> order_in_memory(const MatrixPlaces& places) {
  std::vector<size_t> order(places.offsets.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t column) { return places.offsets[column]; });
  return order;
}

std::optional<MatrixView> matrix_view(BufferId buffer, MatrixPlaces places,
                                      const AddTable& add_table) {
  const int64_t shift = places.offsets[0];
  for (int64_t& offset : places.offsets) offset -= shift;
  for (int64_t& base : places.bases) base += shift;
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (std::ranges::max(places.bases) + std::ranges::max(places.offsets) > kMost)
    return std::nullopt;
  MatrixView view{buffer};
  view.run = run_of(places);
  const auto rows = static_cast<size_t>(places.rows());
  if (places.batch > 1) view.batch_stride = places.bases[rows] - places.bases[0];
  for (size_t row = 0; row < places.bases.size(); ++row) {
    const auto before = static_cast<int64_t>(row / rows) * view.batch_stride;
    if (places.bases[row] != places.bases[row % rows] + before) return std::nullopt;
  }
  places.bases.resize(rows);
  if (const auto stride = stride_of(places.bases)) {
    view.row_stride = rows > 1 ? *stride : places.columns();
  } else {
    view.bases = add_table(std::move(places.bases));
  }
  if (const auto stride = stride_of(places.offsets)) {
    view.column_stride = places.columns() > 1 ? *stride : 1;
  } else {
    view.offsets = add_table(std::move(places.offsets));
  }
  return view;
}

int64_t run_of_view(const MatrixPlaces& places) {
  const auto view = matrix_view(kNoBuffer, places, [](const auto&) { return BufferId{0}; });
  return view ? view->run : 0;
}

std::optional<HeadView> head_view(BufferId buffer, const HeadPlaces& places) {
  HeadView view{buffer, places.at(0, 0, 0, 0)};
  if (places.batch > 1) view.batch_stride = places.at(1, 0, 0, 0) - view.start;
  if (places.heads > 1) view.head_stride = places.at(0, 1, 0, 0) - view.start;
  if (places.tokens > 1) view.token_stride = places.at(0, 0, 1, 0) - view.start;
  for (int64_t batch = 0; batch < places.batch; ++batch) {
    for (int64_t head = 0; head < places.heads; ++head) {
      for (int64_t token = 0; token < places.tokens; ++token) {
        const int64_t row = view.start + batch * view.batch_stride + head * view.head_stride +
                            token * view.token_stride;
        for (int64_t channel = 0; channel < places.channels; ++channel) {
          if (places.at(batch, head, token, channel) != row + channel) return std::nullopt;
        }
      }
    }
  }
  return view;
}

}  // namespace nitro::plan
