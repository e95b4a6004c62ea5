#pragma once

#include <string>
#include <vector>

#include "optimize/recipe.h"

namespace nitro::optimize {

/// The passes worth trying on `runner` for a frame of `modalities` (empty: one call), of which
/// `grey` are one channel, in an order in which each finds what earlier ones prepared. What does
/// not pay on the model at hand is dropped by measurement.
Recipe standard_recipe(const std::string& runner, const std::vector<std::string>& modalities,
                       const std::vector<std::string>& grey = {});

/// Steps that only tidy up: they are kept with the step before them and never measured alone.
bool is_clean_up(const Step& step);

}  // namespace nitro::optimize
