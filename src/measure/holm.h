#pragma once

#include <span>
#include <vector>

namespace nitro::measure {

/// The p-values corrected for their number after Holm, in the same order: rejecting each corrected
/// p
/// <= alpha keeps the chance of any false rejection below alpha.
std::vector<double> holm_adjusted(std::span<const double> p_values);

}  // namespace nitro::measure
