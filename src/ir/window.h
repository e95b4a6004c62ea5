#pragma once

#include <span>

#include "ir/infer.h"

namespace nitro {

/// Windows sliding over spatial axes, as convolutions and pools use them; one entry per axis.
struct Window {
  const Ints& kernel;
  const Ints& strides;
  const Ints& dilations;
  const Ints& pads_before;
  const Ints& pads_after;
};

/// Elements spanned by `kernel` taps at distance `dilation`; both were accepted by check_window().
constexpr int64_t dilated_extent(int64_t kernel, int64_t dilation) {
  return (kernel - 1) * dilation + 1;
}

/// Every list has `rank` entries; taps, strides and dilations are at least 1, pads at least 0, and
/// all below 2^31, so that sums of their products with sizes below 2^40 do not overflow.
Result<void> check_window(const Window& window, size_t rank, const Operands& in);

/// Output size per axis of `spatial`, rounded down; kShapeMismatch where the padded input is
/// smaller than the kernel.
Result<Shape> window_output(const Window& window, std::span<const int64_t> spatial,
                            const Operands& in);

/// Sizes are below 2^40: what the arithmetic of windows assumes.
Result<void> check_spatial(std::span<const int64_t> spatial, const Operands& in);

}  // namespace nitro
