#include "reference/broadcast_offsets.h"

namespace nitro::reference {

std::vector<int64_t> broadcast_offsets(const Shape& operand, const Shape& result) {
  const std::vector<int64_t> strides = strides_of(operand);
  std::vector<int64_t> offsets{0};
  offsets.reserve(static_cast<size_t>(element_count(result)));
  for (size_t axis = 0; axis < result.size(); ++axis) {
    const size_t missing = result.size() - operand.size();
    const bool moves = axis >= missing && operand[axis - missing] != 1;
    const int64_t stride = moves ? strides[axis - missing] : 0;
    std::vector<int64_t> next;
    next.reserve(offsets.size() * static_cast<size_t>(result[axis]));
    for (int64_t offset : offsets) {
      for (int64_t i = 0; i < result[axis]; ++i) next.push_back(offset + i * stride);
    }
    offsets = std::move(next);
  }
  return offsets;
}

}  // namespace nitro::reference
