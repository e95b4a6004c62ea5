#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace nitro {

/// An Einsum equation, taken apart: one letter per axis.
struct EinsumTerms {
  std::vector<std::string> operands;
  std::string result;
};

/// Parses the explicit form "ij,jk->ik"; letters only, and each of the result, once there, occurs
/// in an operand. Fails with kShapeMismatch.
Result<EinsumTerms> parse_einsum(std::string_view equation);

}  // namespace nitro
