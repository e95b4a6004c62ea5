#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace nitro::measure {

/// How many of `count` samples may lie over a bound that is then, with `confidence`, above the true
/// percentile `p` (0 < p < 1): the largest t with P[at most t over] <= 1 − confidence. Nothing
/// where even none over proves nothing, that is below n = ln(1 − confidence) / ln p.
std::optional<int64_t> allowed_exceedances(int64_t count, double p, double confidence = 0.95);

/// The percentile `p` (0 < p < 1) by nearest rank, where there are samples enough to bound it with
/// 95 % confidence (29 for p90, 299 for p99); nothing otherwise.
std::optional<double> percentile(std::span<const double> values, double p);

}  // namespace nitro::measure
