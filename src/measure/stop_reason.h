#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nitro::measure {

/// Why a run took no more samples.
enum class StopReason : uint8_t {
  kPrecise,      // the interval of the median is as narrow as asked for
  kPlateau,      // more samples no longer change the noise
  kTimeout,      // the time for it was spent
  kCount,        // the number of samples was given
  kInterrupted,  // stopped from outside
};

/// "precise", "plateau", "timeout", "count" or "interrupted".
std::string_view name(StopReason reason);

/// The reason with that name.
std::optional<StopReason> stop_reason(std::string_view name);

}  // namespace nitro::measure
