#include <algorithm>
#include <cmath>

#include "reference/evaluate.h"

namespace nitro::reference {

template <>
Result<void> evaluate(const Softmax& op, Call& call) {
  std::vector<double> x = call.in(0).as<double>();
  const Shape& shape = call.in(0).shape();
  const auto axis = static_cast<size_t>(op.axis);
  const auto length = static_cast<size_t>(shape[axis]);
  const auto inner = static_cast<size_t>(strides_of(shape)[axis]);
  for (size_t start = 0; start < x.size(); ++start) {
    if (start / inner % length != 0) continue;  // not the first element of its row
    double largest = -INFINITY;
    for (size_t i = 0; i < length; ++i) largest = std::max(largest, x[start + i * inner]);
    double sum = 0;
    for (size_t i = 0; i < length; ++i) sum += std::exp(x[start + i * inner] - largest);
    for (size_t i = 0; i < length; ++i) {
      double& element = x[start + i * inner];
      element = op.log ? element - largest - std::log(sum) : std::exp(element - largest) / sum;
    }
  }
  call.out().assign<double>(x);
  return {};
}

}  // namespace nitro::reference
