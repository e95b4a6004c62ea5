#pragma once

#include "base/json.h"

namespace nitro::runner {

/// What the environment of `hello` says of the machine in every runner that is part of Nitro.
Json machine_record();

}  // namespace nitro::runner
