#pragma once

#include "ir/shape.h"

namespace nitro::reference {

/// For each element of a result of shape `result`, in order, the element of an operand of shape
/// `operand`, which broadcasts to it.
std::vector<int64_t> broadcast_offsets(const Shape& operand, const Shape& result);

}  // namespace nitro::reference
