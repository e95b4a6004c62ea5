#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/json.h"

namespace nitro::report {

/// How a limit is shown: never by colour alone.
struct BoundStyle {
  std::string_view name;
  std::string_view glyph;
  /// Completes "… of the time is limited by".
  std::string_view phrase;
};

inline constexpr std::array<BoundStyle, 6> kBounds = {{
    {"compute", "●", "arithmetic"},
    {"memory", "■", "memory traffic"},
    {"layout", "◆", "moving data between layouts"},
    {"launch", "▲", "the cost of starting nodes"},
    {"wave", "✚", "partly filled waves"},
    {"unknown", "○", "nothing that the roofs explain"},
}};

/// The style of a bound; of "unknown" for any other word.
const BoundStyle& bound_style(std::string_view bound);

/// A labelled chip.
std::string bound_chip(std::string_view bound);

/// The time of each of kBounds in a profile, nanoseconds.
std::array<double, kBounds.size()> time_by_bound(const Json& profile);

}  // namespace nitro::report
