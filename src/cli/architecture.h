#pragma once

#include <string_view>

#include "base/error.h"
#include "cuda/target.h"

namespace nitro::cli {

/// "sm_90" (or "90") as a target; kUsage for what is no architecture that kernels are made for.
Result<cuda::Target> parse_architecture(std::string_view text);

}  // namespace nitro::cli
