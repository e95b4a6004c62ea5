#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace nitro {

/// a + b, or nothing on overflow.
inline std::optional<int64_t> checked_add(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

/// a * b, or nothing on overflow.
inline std::optional<int64_t> checked_mul(int64_t a, int64_t b) {
  int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

/// The product of `factors`, checked factor by factor, so that a zero hides no overflow before it.
inline std::optional<int64_t> checked_product(std::span<const int64_t> factors) {
  int64_t product = 1;
  bool zero = false;
  for (int64_t factor : factors) {
    if (factor == 0) {
      zero = true;
      continue;
    }
    const auto next = checked_mul(product, factor);
    if (!next) return std::nullopt;
    product = *next;
  }
  return zero ? 0 : product;
}

}  // namespace nitro
