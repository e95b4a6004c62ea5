#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "plan/plan.h"

namespace nitro::runner {

/// A plan's file (plan/plan_file.h) as it is; an ONNX file lowered in `precision`, its free
/// dimensions bound by `shapes`.
Result<plan::Plan> model_plan(const std::filesystem::path& file, plan::Precision precision,
                              const std::map<std::string, Shape>& shapes);

}  // namespace nitro::runner
