#pragma once

#include <cstddef>
#include <deque>

namespace nitro::measure {

struct WarmUpOptions {
  /// Time of inferences that a warm-up takes at least.
  double min_ns = 200e6;
  /// Time after which it ends whether stable or not.
  double limit_ns = 5e9;
  /// Largest change between the median of the last 10 samples and of the 10 before.
  double tolerance = 0.02;
};

/// Decides when the machine is warm: at least `min_ns`, and until the times are stable. Sees times
/// only, never a clock.
class WarmUp {
 public:
  explicit WarmUp(WarmUpOptions options = {}) : options_(options) {}

  void add(double sample_ns);
  bool done() const { return done_; }
  /// Whether the warm-up ended because the times were stable, and not at its limit.
  bool stable() const { return stable_; }
  double elapsed_ns() const { return elapsed_ns_; }

 private:
  bool is_stable(size_t half) const;

  WarmUpOptions options_;
  std::deque<double> last_;
  double elapsed_ns_ = 0;
  bool done_ = false;
  bool stable_ = false;
};

}  // namespace nitro::measure
