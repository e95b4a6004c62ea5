#pragma once

#include <functional>

namespace nitro::measure {

/// Does a piece of work of some 10 to 500 µs and returns how much it was, in any unit.
using Piece = std::function<double()>;

/// The work of a team in its best burst.
struct TeamRate {
  double per_second = 0;
  /// The least part of the burst that a thread of it was on a processor, 0..1.
  double processor_share = 0;
};

/// The rate of `threads` threads together: each calls `prepare(thread)` once, then all call their
/// pieces during a few bursts. The best burst counts, because a ceiling is what the machine can do
/// when nothing disturbs it.
TeamRate measure_rate(int threads, const std::function<Piece(int)>& prepare);

}  // namespace nitro::measure
