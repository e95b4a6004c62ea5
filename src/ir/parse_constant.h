#pragma once

#include "ir/scanner.h"
#include "ir/tensor.h"

namespace nitro {

/// Inverse of print_constant(): a list of any length or the bytes in hex. Memory is taken only for
/// elements that the text holds, whatever size `type` claims.
Result<Tensor> parse_constant(Scanner& scanner, TensorType type);

}  // namespace nitro
