#pragma once

#include "base/json.h"
#include "plan/plan.h"

namespace nitro::plan {

/// {"family": "gemm", …the fields by name}; a buffer that is not there is null.
Json to_json(const Kernel& kernel);
/// kBadFile names the field that is missing or of the wrong type. Buffers and sizes may be any
/// numbers: check_read_plan() judges them.
Result<Kernel> kernel_from_json(const Json& json);

/// "loop", "gemm" or "attention".
std::string_view family(const Kernel& kernel);

}  // namespace nitro::plan
