#include "measure/wilson.h"

#include <algorithm>
#include <cmath>

#include "measure/normal_quantiles.h"

namespace nitro::measure {

ShareInterval wilson_interval(int64_t hits, int64_t count) {
  if (count <= 0) return {};
  const auto n = static_cast<double>(count);
  const double share = static_cast<double>(hits) / n;
  constexpr double z2 = kQuantile975 * kQuantile975;
  const double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half =
      kQuantile975 / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  // Rounding must not push the ends past what was seen.
  return {std::clamp(centre - half, 0.0, share), std::clamp(centre + half, share, 1.0)};
}

}  // namespace nitro::measure
