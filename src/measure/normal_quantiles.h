#pragma once

namespace nitro::measure {

/// Of the standard normal distribution.
inline constexpr double kQuantile975 = 1.959963984540054;
inline constexpr double kQuantile95 = 1.6448536269514722;
inline constexpr double kQuantile80 = 0.8416212335729143;

}  // namespace nitro::measure
