#include "measure/stop_reason.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nitro::measure {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"precise", "plateau", "timeout", "count",
                                                    "interrupted"};

}  // namespace

std::string_view name(StopReason reason) { return kNames[std::to_underlying(reason)]; }

std::optional<StopReason> stop_reason(std::string_view name) {
  const auto place = std::ranges::find(kNames, name);
  if (place == kNames.end()) return std::nullopt;
  return static_cast<StopReason>(place - kNames.begin());
}

}  // namespace nitro::measure
