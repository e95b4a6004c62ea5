#include "cuda/arithmetic.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nitro::cuda {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"f32", "f16", "tensor", "int8", "tensor_int8"};

}  // namespace

std::string_view name(Arithmetic arithmetic) { return kNames[std::to_underlying(arithmetic)]; }

std::optional<Arithmetic> parse_arithmetic(std::string_view word) {
  const auto found = std::ranges::find(kNames, word);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Arithmetic>(found - kNames.begin());
}

}  // namespace nitro::cuda
