#pragma once

#include "passes/lossy/quantizable_layers.h"
#include "passes/pass.h"

namespace nitro::passes {

/// The quantisable layers of `graph` less those that the parameters leave as floats: `skip` names
/// nodes or modules, of which everything inside counts, and `min_macs` (default 40) is the least
/// number of multiply-adds for each element read and made that pays for their conversion. Fails
/// with kBadRecipe on a name that nothing has, and on what is no number.
Result<std::vector<QuantizableLayer>> chosen_layers(const Graph& graph,
                                                    const Parameters& parameters);

}  // namespace nitro::passes
