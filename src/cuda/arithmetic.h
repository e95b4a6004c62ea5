#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nitro::cuda {

/// What the multiply-adds of a kernel run on: the units for f32, those for two halves at once, the
/// tensor cores (halves, with sums in f32), the units for four 8-bit integers at once, or the
/// tensor cores with such integers.
enum class Arithmetic : uint8_t { kF32, kF16, kTensor, kInt8, kTensorInt8 };

/// "f32", "f16", "tensor", "int8" or "tensor_int8".
std::string_view name(Arithmetic arithmetic);
std::optional<Arithmetic> parse_arithmetic(std::string_view word);

}  // namespace nitro::cuda
