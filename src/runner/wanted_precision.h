#pragma once

#include "plan/plan.h"

namespace nitro::runner {

/// The precision that NITRO_CUDA_PRECISION asks for (f16 or f32), by default f16. kEnvironment for
/// anything else.
Result<plan::Precision> wanted_precision();

}  // namespace nitro::runner
