#pragma once

#include <vector>

#include "ir/ops_movement.h"
#include "ir/shape.h"

namespace nitro::reference {

/// A convolution, or the transposed one, over values in double.
struct Convolution {
  int64_t batch = 0;
  int64_t group = 1;
  int64_t in_channels = 0;   // per group
  int64_t out_channels = 0;  // per group
  Shape input;               // spatial sizes
  Shape output;
  Shape kernel;
  Ints strides, dilations, pads_before;
  bool transposed = false;

  /// Position of the element that `tap` of output position `at` meets along `axis`; -1 where that
  /// is padding or, transposed, falls between elements.
  int64_t met(size_t axis, int64_t at, int64_t tap) const;
  /// Position of the weight of a tap (0 … taps - 1) between two channels of a group.
  int64_t weight(int64_t group_index, int64_t out_channel, int64_t in_channel, int64_t tap) const;
};

/// y [batch, group * out_channels, output…] without bias, as products of weights and input columns.
std::vector<double> convolve(const Convolution& shape, const std::vector<double>& x,
                             const std::vector<double>& w);

}  // namespace nitro::reference
