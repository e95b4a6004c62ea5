#pragma once

#include <cstdint>

namespace nitro::measure {

struct ShareInterval {
  double low = 0;
  double high = 1;
};

/// The 95 % score interval of a share of which `hits` of `count` were seen (Wilson, JASA 22, 1927,
/// 209–212): never outside 0..1, and right for few images and for shares near 0 and 1. 0..1 for a
/// `count` of 0.
ShareInterval wilson_interval(int64_t hits, int64_t count);

}  // namespace nitro::measure
