#pragma once

namespace nitro::measure {

/// Nanoseconds from signalling a sleeping thread to its first instruction: the median of some 200.
double measure_dispatch_ns();

}  // namespace nitro::measure
