#include "zoo/swin_windows.h"

#include "zoo/layers.h"

namespace nitro::zoo {
namespace {

constexpr int64_t kPositions = kWindow * kWindow;

Result<ValueId> roll_axis(const ModuleBuilder& module, ValueId map, size_t axis, int64_t shift) {
  const int64_t side = module.shape(map)[axis];
  const int64_t first = shift < 0 ? -shift : side - shift;  // becomes element 0
  const ValueId front = TRY(slice(module, map, axis, first, side - first));
  const ValueId back = TRY(slice(module, map, axis, 0, first));
  return module.emit(Concat{.axis = static_cast<int64_t>(axis)}, {front, back});
}

/// Rows of the rolled map that were together before share a number: 0, 1 or 2.
int64_t region(int64_t row, int64_t side) {
  if (row < side - kWindow) return 0;
  return row < side - kShift ? 1 : 2;
}

}  // namespace

Result<ValueId> roll(const ModuleBuilder& module, ValueId map, int64_t shift) {
  return roll_axis(module, TRY(roll_axis(module, map, 1, shift)), 2, shift);
}

Result<ValueId> partition(const ModuleBuilder& module, ValueId map) {
  const Shape shape = module.shape(map);
  const int64_t count = shape[1] / kWindow;
  const int64_t width = shape[3];
  const ValueId split =
      TRY(reshape(module, map, {shape[0], count, kWindow, count, kWindow, width}));
  const ValueId ordered = TRY(transpose(module, split, {0, 1, 3, 2, 4, 5}));
  const int64_t windows = shape[0] * count * count;
  const ValueId squares = TRY(reshape(module, ordered, {windows, kWindow, kWindow, width}));
  return reshape(module, squares, {windows, kPositions, width});
}

Result<ValueId> reverse_partition(const ModuleBuilder& module, ValueId windows, int64_t side) {
  const Shape shape = module.shape(windows);
  const int64_t count = side / kWindow;
  const int64_t batch = shape[0] / (count * count);
  const ValueId squares = TRY(reshape(module, windows, {shape[0], kWindow, kWindow, shape[2]}));
  const ValueId grid =
      TRY(reshape(module, squares, {batch, count, count, kWindow, kWindow, shape[2]}));
  const ValueId ordered = TRY(transpose(module, grid, {0, 1, 3, 2, 4, 5}));
  return reshape(module, ordered, {batch, side, side, shape[2]});
}

Tensor relative_position_index() {
  std::vector<int64_t> index;
  for (int64_t from = 0; from < kPositions; ++from) {
    for (int64_t to = 0; to < kPositions; ++to) {
      const int64_t rows = from / kWindow - to / kWindow + kWindow - 1;
      const int64_t columns = from % kWindow - to % kWindow + kWindow - 1;
      index.push_back(rows * (2 * kWindow - 1) + columns);
    }
  }
  return Tensor::vector(index);
}

Tensor shift_mask(int64_t side) {
  const int64_t count = side / kWindow;
  const auto region_of = [&](int64_t window, int64_t position) {
    const int64_t row = window / count * kWindow + position / kWindow;
    const int64_t column = window % count * kWindow + position % kWindow;
    return 3 * region(row, side) + region(column, side);
  };
  std::vector<double> mask;
  for (int64_t window = 0; window < count * count; ++window) {
    for (int64_t from = 0; from < kPositions; ++from) {
      for (int64_t to = 0; to < kPositions; ++to) {
        mask.push_back(region_of(window, from) == region_of(window, to) ? 0 : -100);
      }
    }
  }
  return Tensor::of(DType::kF32, {count * count, kPositions, kPositions}, mask);
}

}  // namespace nitro::zoo
