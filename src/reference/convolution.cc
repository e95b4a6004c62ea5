#include "reference/convolution.h"

#include <limits>

#include "reference/product.h"

namespace nitro::reference {
namespace {

constexpr int64_t kOutside = std::numeric_limits<int64_t>::min() / 32;

/// Offsets into one channel of the columns of a panel: [axis][tap of the axis][column], kOutside
/// for padding, so that a sum over axes is negative exactly if one of them is outside.
class ColumnOffsets {
 public:
  explicit ColumnOffsets(const Convolution& shape)
      : shape_(shape), strides_(strides_of(shape.input)) {
    for (int64_t taps : shape.kernel) {
      offsets_.emplace_back(static_cast<size_t>(taps * kPanelColumns));
    }
  }

  void move_to(int64_t first_column, int64_t columns) {
    for (int64_t c = 0; c < kPanelColumns; ++c) {
      int64_t rest = std::min(first_column + c, columns - 1);
      for (size_t axis = offsets_.size(); axis-- > 0; rest /= shape_.output[axis]) {
        const int64_t at = rest % shape_.output[axis];
        for (int64_t tap = 0; tap < shape_.kernel[axis]; ++tap) {
          const int64_t met = shape_.met(axis, at, tap);
          offsets_[axis][static_cast<size_t>(tap * kPanelColumns + c)] =
              met < 0 ? kOutside : met * strides_[axis];
        }
      }
    }
  }

  /// The elements of channel `x` that the taps of position `tap` (one entry per axis) meet.
  void gather(const double* x, const std::vector<int64_t>& tap, double* row) const {
    int64_t sum[kPanelColumns] = {};
    for (size_t axis = 0; axis < offsets_.size(); ++axis) {
      const int64_t* offsets = offsets_[axis].data() + tap[axis] * kPanelColumns;
      for (int64_t c = 0; c < kPanelColumns; ++c) sum[c] += offsets[c];
    }
    for (int64_t c = 0; c < kPanelColumns; ++c) row[c] = sum[c] < 0 ? 0 : x[sum[c]];
  }

 private:
  const Convolution& shape_;
  std::vector<int64_t> strides_;
  std::vector<std::vector<int64_t>> offsets_;
};

/// The next tap of a kernel, row-major; wraps around after the last.
void advance(std::vector<int64_t>& tap, const Shape& kernel) {
  for (size_t axis = kernel.size(); axis-- > 0;) {
    if (++tap[axis] < kernel[axis]) return;
    tap[axis] = 0;
  }
}

std::vector<int64_t> tap_at(int64_t index, const Shape& kernel) {
  std::vector<int64_t> tap(kernel.size());
  for (size_t axis = kernel.size(); axis-- > 0; index /= kernel[axis]) {
    tap[axis] = index % kernel[axis];
  }
  return tap;
}

}  // namespace

int64_t Convolution::met(size_t axis, int64_t at, int64_t tap) const {
  int64_t position = at * strides[axis] - pads_before[axis] + tap * dilations[axis];
  if (transposed) {
    position = at + pads_before[axis] - tap * dilations[axis];
    if (position % strides[axis] != 0) return -1;
    position /= strides[axis];
  }
  return position < input[axis] ? std::max<int64_t>(position, -1) : -1;
}

int64_t Convolution::weight(int64_t group_index, int64_t out_channel, int64_t in_channel,
                            int64_t tap) const {
  const int64_t taps = element_count(kernel);
  const int64_t pair = transposed
                           ? (group_index * in_channels + in_channel) * out_channels + out_channel
                           : (group_index * out_channels + out_channel) * in_channels + in_channel;
  return pair * taps + tap;
}

std::vector<double> convolve(const Convolution& shape, const std::vector<double>& x,
                             const std::vector<double>& w) {
  const int64_t taps = element_count(shape.kernel);
  const int64_t plane = element_count(shape.input);
  const ProductSize size{shape.batch * shape.group, shape.out_channels, element_count(shape.output),
                         shape.in_channels * taps};
  std::vector<std::vector<double>> weights;
  for (int64_t group = 0; group < shape.group; ++group) {
    weights.push_back(pack_rows(size.rows, size.inner, [&](int64_t row, int64_t k) {
      return w[static_cast<size_t>(shape.weight(group, row, k / taps, k % taps))];
    }));
  }
  std::vector<double> y(static_cast<size_t>(size.batch * size.rows * size.columns));
  multiply(
      size, [&](int64_t item) { return weights[static_cast<size_t>(item % shape.group)].data(); },
      [&](int64_t item, int64_t column, int64_t k, int64_t depth, double* panel) {
        ColumnOffsets offsets(shape);
        offsets.move_to(column, size.columns);
        const double* source = x.data() + item * shape.in_channels * plane;
        std::vector<int64_t> tap = tap_at(k % taps, shape.kernel);
        for (int64_t i = 0; i < depth; ++i, advance(tap, shape.kernel)) {
          offsets.gather(source + (k + i) / taps * plane, tap, panel + i * kPanelColumns);
        }
      },
      [&](int64_t item, int64_t column, int64_t count, const double* sums) {
        for (int64_t row = 0; row < size.rows; ++row) {
          std::copy_n(sums + row * kPanelColumns, count,
                      y.data() + (item * size.rows + row) * size.columns + column);
        }
      });
  return y;
}

}  // namespace nitro::reference
