#include "ir/window.h"

#include <algorithm>

namespace nitro {
namespace {

constexpr int64_t kLargestAttribute = (int64_t{1} << 31) - 1;
constexpr int64_t kLargestSize = int64_t{1} << 40;

bool all_within(std::span<const int64_t> values, int64_t least, int64_t most) {
  return std::ranges::all_of(values,
                             [=](int64_t value) { return value >= least && value <= most; });
}

}  // namespace

Result<void> check_window(const Window& window, size_t rank, const Operands& in) {
  for (const Ints* list : {&window.kernel, &window.strides, &window.dilations, &window.pads_before,
                           &window.pads_after}) {
    TRY(in.expect()
            .that(list->size() == rank, "a window attribute needs one entry per spatial axis")
            .done());
  }
  return in.expect()
      .that(all_within(window.kernel, 1, kLargestAttribute), "kernel sizes must be at least 1")
      .that(all_within(window.strides, 1, kLargestAttribute), "strides must be at least 1")
      .that(all_within(window.dilations, 1, kLargestAttribute), "dilations must be at least 1")
      .that(all_within(window.pads_before, 0, kLargestAttribute), "pads must not be negative")
      .that(all_within(window.pads_after, 0, kLargestAttribute), "pads must not be negative")
      .done();
}

Result<void> check_spatial(std::span<const int64_t> spatial, const Operands& in) {
  return in.expect()
      .that(all_within(spatial, 0, kLargestSize), "a spatial axis is too long")
      .done();
}

Result<Shape> window_output(const Window& window, std::span<const int64_t> spatial,
                            const Operands& in) {
  TRY(check_window(window, spatial.size(), in));
  TRY(check_spatial(spatial, in));
  Shape output;
  for (size_t i = 0; i < spatial.size(); ++i) {
    const int64_t room = spatial[i] + window.pads_before[i] + window.pads_after[i] -
                         dilated_extent(window.kernel[i], window.dilations[i]);
    TRY(in.expect().that(room >= 0, "the kernel is larger than the padded input").done());
    output.push_back(room / window.strides[i] + 1);
  }
  return output;
}

}  // namespace nitro
