#pragma once

#include "ir/ops_quantization.h"

namespace nitro {

/// Whether nothing should compute what a DequantizeLinear makes of a constant of this type before
/// the runtime does: weights, or with 32 bits the bias of a layer that has such.
inline bool stay_quantized(const TensorType& type) {
  return are_quantized_weights(type) || type.dtype == DType::kI32;
}

}  // namespace nitro
