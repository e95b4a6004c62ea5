#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nitro::cuda {

/// What the multiply-adds of a kernel run on: the units for f32, those for two halves at once, or
/// the tensor cores (halves, with sums in f32).
enum class Arithmetic : uint8_t { kF32, kF16, kTensor };

/// "f32", "f16" or "tensor".
std::string_view name(Arithmetic arithmetic);
std::optional<Arithmetic> parse_arithmetic(std::string_view word);

}  // namespace nitro::cuda
