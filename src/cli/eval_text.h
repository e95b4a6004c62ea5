#pragma once

#include <string>

#include "base/json.h"

namespace nitro::cli {

/// A result of `nitro eval` (docs/eval.schema.json) in lines of at most `width` cells; `per_class`
/// adds a table of the classes.
std::string eval_text(const Json& result, bool per_class, size_t width);

}  // namespace nitro::cli
