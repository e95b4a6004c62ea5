#include "cuda/arithmetic.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nitro::cuda {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"f32", "f16", "tensor"};

}  // namespace

std::string_view name(Arithmetic arithmetic) { return kNames[std::to_underlying(arithmetic)]; }

std::optional<Arithmetic> parse_arithmetic(std::string_view word) {
  const auto found = std::ranges::find(kNames, word);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Arithmetic>(found - kNames.begin());
}

}  // namespace nitro::cuda
