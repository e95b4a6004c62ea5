#pragma once

#include <cstdint>

namespace nitro::measure {

/// The exact two-sided p-value of McNemar's test that two models err equally often, where on the
/// same images only one was right `only_old` times and only the other `only_new` times: the
/// binomial tail min(1, 2 Σ_{i <= min} C(n, i) / 2^n), n the sum of both. 1 where they never
/// differ.
double mcnemar_p(int64_t only_old, int64_t only_new);

}  // namespace nitro::measure
