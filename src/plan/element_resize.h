#pragma once

#include <vector>

#include "ir/op.h"

namespace nitro::plan {

/// What the elements of one axis of a resized tensor are made of: per element `taps` source
/// positions and their weights.
struct ResizeTable {
  int64_t taps = 1;
  std::vector<int64_t> positions;
  std::vector<double> weights;
  std::vector<bool> extrapolated;  // elements that are the constant instead
};

/// Tables larger than this are not made.
inline constexpr int64_t kMaxResizeWork = int64_t{1} << 26;

/// The table of `axis`, which has `length` elements before; length times the result's length is at
/// most kMaxResizeWork.
ResizeTable resize_table(const Resize& op, size_t axis, int64_t length);

}  // namespace nitro::plan
