#pragma once

#include "base/json.h"
#include "plan/plan_file.h"

namespace nitro::plan {

/// All of a plan file but the contents of constants.
Json to_json(const PlanFile& file);
/// Buffers of kind kConstant have no content yet. kBadFile names what is missing or malformed; that
/// numbers fit together is for check_read_plan().
Result<PlanFile> plan_from_json(const Json& json);

}  // namespace nitro::plan
