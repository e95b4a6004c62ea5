#include "measure/warm_up.h"

#include <cmath>
#include <vector>

#include "measure/median.h"

namespace nitro::measure {
namespace {

constexpr size_t kHalf = 10;

}  // namespace

void WarmUp::add(double sample_ns) {
  elapsed_ns_ += sample_ns;
  last_.push_back(sample_ns);
  if (last_.size() > 2 * kHalf) last_.pop_front();
  if (elapsed_ns_ >= options_.limit_ns) {
    // A slow model has no 20 samples by now: judge it by those there are.
    done_ = true;
    stable_ = is_stable(last_.size() / 2);
  } else if (elapsed_ns_ >= options_.min_ns && last_.size() == 2 * kHalf) {
    done_ = stable_ = is_stable(kHalf);
  }
}

bool WarmUp::is_stable(size_t half) const {
  if (half == 0) return false;
  const auto middle = last_.end() - static_cast<std::ptrdiff_t>(half);
  const std::vector<double> before(middle - static_cast<std::ptrdiff_t>(half), middle);
  const std::vector<double> after(middle, last_.end());
  const double reference = median(before);
  return std::abs(median(after) - reference) <= options_.tolerance * reference;
}

}  // namespace nitro::measure
