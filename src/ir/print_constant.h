#pragma once

#include <string>

#include "ir/tensor.h"

namespace nitro {

inline constexpr int64_t kMaxListedElements = 64;

/// The elements of a small tensor as "{1, 2.5, inf}" where that reads back to the same bytes, else
/// all bytes in memory order as "0x00ff".
std::string print_constant(const Tensor& tensor);

}  // namespace nitro
