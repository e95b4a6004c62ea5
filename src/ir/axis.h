#pragma once

#include "ir/shape.h"

namespace nitro {

/// Whether `axis` counts an axis of `type` from the front.
inline bool is_axis(int64_t axis, const TensorType& type) {
  return axis >= 0 && axis < type.rank();
}

}  // namespace nitro
