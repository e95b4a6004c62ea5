#include <algorithm>
#include <cmath>

#include "calibrate/statistics.h"

namespace nitro::calibrate {

void add_extremes(passes::Extremes& extremes, double min, double max) {
  if (std::isfinite(min)) extremes.min = std::min(extremes.min, min);
  if (std::isfinite(max)) extremes.max = std::max(extremes.max, max);
}

}  // namespace nitro::calibrate
