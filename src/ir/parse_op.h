#pragma once

#include "ir/op.h"
#include "ir/scanner.h"

namespace nitro {

/// "Clip{low=0, high=6}": fields in any order, those left out keep their defaults.
Result<Op> parse_op(Scanner& scanner);

}  // namespace nitro
