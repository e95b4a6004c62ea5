#pragma once

#include "base/json.h"

namespace nitro::report {

/// The roofs of the GPU that executed the layers, or null where the processor did.
const Json& gpu_roofs(const Json& result);

/// What the chart draws of the roofs: {peak: {name, flops}, bandwidths: [{name, bytes_per_s}]},
/// those of the GPU where it executed the layers. What was not measured is left out.
Json page_roofs(const Json& result);

}  // namespace nitro::report
