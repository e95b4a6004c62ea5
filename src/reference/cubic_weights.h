#pragma once

namespace nitro::reference {

/// Keys' cubic convolution kernel at distance x, not negative, with coefficient a.
constexpr double cubic_weight(double x, double a) {
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((x - 5) * x + 8) * x * a - 4 * a;
  return 0;
}

}  // namespace nitro::reference
