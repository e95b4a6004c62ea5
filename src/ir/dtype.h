#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace nitro {

/// Element types of the IR. The names in text, JSON and messages are f32, f16, bf16, f64, i8, u8,
/// i32, i64 and bool (one byte, 0 or 1).
enum class DType : uint8_t { kF32, kF16, kBF16, kF64, kI8, kU8, kI32, kI64, kBool };

inline constexpr int kDTypeCount = 9;

std::string_view name(DType dtype);
std::optional<DType> parse_dtype(std::string_view name);
/// Bytes per element.
int64_t size_of(DType dtype);
bool is_float(DType dtype);
/// i8 or u8.
bool is_byte(DType dtype);
bool is_integer(DType dtype);  // bool is neither

/// IEEE binary16 storage.
struct Half {
  _Float16 value = 0;
  Half() = default;
  explicit Half(double x) : value(static_cast<_Float16>(x)) {}
  explicit operator double() const { return static_cast<double>(value); }
};

/// bfloat16 storage, rounded to nearest even.
struct BFloat16 {
  uint16_t bits = 0;
  BFloat16() = default;
  explicit BFloat16(double x) {
    const auto value = static_cast<float>(x);
    const auto wide = std::bit_cast<uint32_t>(value);
    const bool nan = value != value;
    const uint32_t rounded = wide + 0x7FFFU + ((wide >> 16) & 1U);
    bits = nan ? uint16_t{0x7FC0} : static_cast<uint16_t>(rounded >> 16);
  }
  explicit operator double() const {
    return static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits) << 16));
  }
};

/// Calls body(std::type_identity<T>{}) with the storage type T of `dtype` (bool is uint8_t).
template <class Body>
decltype(auto) dispatch(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::kF32:
      return body(std::type_identity<float>{});
    case DType::kF16:
      return body(std::type_identity<Half>{});
    case DType::kBF16:
      return body(std::type_identity<BFloat16>{});
    case DType::kF64:
      return body(std::type_identity<double>{});
    case DType::kI8:
      return body(std::type_identity<int8_t>{});
    case DType::kI32:
      return body(std::type_identity<int32_t>{});
    case DType::kI64:
      return body(std::type_identity<int64_t>{});
    case DType::kU8:
    case DType::kBool:
      break;
  }
  return body(std::type_identity<uint8_t>{});
}

}  // namespace nitro
