#pragma once

#include <string>

#include "ir/op.h"

namespace nitro {

/// "Clip{low=0, high=6}", with all fields.
std::string print_op(const Op& op);

}  // namespace nitro
