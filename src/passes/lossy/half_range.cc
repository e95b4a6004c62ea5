#include "passes/lossy/half_range.h"

#include <algorithm>
#include <cmath>

namespace nitro::passes {

bool overflows_half(const Tensor& tensor) {
  constexpr double kRoundsToInfinity = 65520;
  return std::ranges::any_of(tensor.as<double>(), [](double value) {
    return std::isfinite(value) && std::abs(value) >= kRoundsToInfinity;
  });
}

bool is_mostly_subnormal_half(const Tensor& tensor) {
  int64_t small = 0, others = 0;
  for (double value : tensor.as<double>()) {
    if (value == 0) continue;
    ++(std::abs(value) < kLeastNormalHalf ? small : others);
  }
  return small > others;
}

Tensor to_half(const Tensor& tensor) {
  return Tensor::of(DType::kF16, tensor.shape(), tensor.as<double>());
}

Tensor mask_to_half(const Tensor& mask) {
  std::vector<double> values = mask.as<double>();
  for (double& value : values) {
    if (std::isfinite(value)) value = std::max(value, -kGreatestHalf / 2);
  }
  return Tensor::of(DType::kF16, mask.shape(), values);
}

}  // namespace nitro::passes
