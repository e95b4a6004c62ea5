#pragma once

#include <span>

namespace nitro::measure {

/// The two-sided p-value of the Mann–Whitney U test that `a` and `b` come from one distribution.
/// Exact up to 40 values in all, ties included; by the normal approximation beyond. 1 where one is
/// empty.
double mann_whitney_p(std::span<const double> a, std::span<const double> b);

}  // namespace nitro::measure
