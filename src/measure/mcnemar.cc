#include "measure/mcnemar.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nitro::measure {

double mcnemar_p(int64_t only_old, int64_t only_new) {
  const auto fewer = static_cast<double>(std::min(only_old, only_new));
  const auto n = static_cast<double>(only_old + only_new);
  if (2 * fewer == n) return 1;
  // From the largest term down; each is the one before times i / (n - i + 1).
  double term = std::exp(std::lgamma(n + 1) - std::lgamma(fewer + 1) - std::lgamma(n - fewer + 1) -
                         n * std::numbers::ln2);
  double tail = 0;
  for (double i = fewer; i >= 0 && term > 0; --i) {
    tail += term;
    term *= i / (n - i + 1);
  }
  return std::min(1.0, 2 * tail);
}

}  // namespace nitro::measure
