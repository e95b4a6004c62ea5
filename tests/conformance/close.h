#pragma once

#include "ir/tensor.h"

namespace nitro::conformance {

/// Fails with kCheckFailed, naming the worst or first difference: types and integers must be equal,
/// floats within rtol 1e-3 and atol 1e-7 of `wanted`, as ONNX's own backend test asks
/// (bfloat16: one unit in the last place).
Result<void> check_close(const Tensor& wanted, const Tensor& got);

}  // namespace nitro::conformance
