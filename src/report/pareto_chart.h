#pragma once

#include <string>

#include "base/json.h"

namespace nitro::report {

/// The trials of `search` by latency and by what their worst modality lost, as SVG, with a line for
/// what hovering over one shows; "" where fewer than two can be placed.
std::string pareto_chart(const Json& search);

}  // namespace nitro::report
