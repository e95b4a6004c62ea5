#pragma once

#include "plan/groups.h"

namespace nitro::plan {

/// Makes the whole plan in `lowering`; afterwards it also tells which values the steps compute.
Result<void> lower_steps(Lowering& lowering);

}  // namespace nitro::plan
