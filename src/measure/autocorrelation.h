#pragma once

#include <span>

namespace nitro::measure {

/// Correlation of each value with the next, −1..1; 0 for fewer than 3 values or constant ones.
double lag1_autocorrelation(std::span<const double> values);

/// Whether consecutive samples resemble each other enough (r > 0.3, and more than chance makes of
/// so many) for the interval of their median to be too narrow.
bool is_autocorrelated(std::span<const double> values);

}  // namespace nitro::measure
