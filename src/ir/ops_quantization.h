#pragma once

#include <string_view>

#include "ir/ops_linear.h"
#include "ir/shape.h"

namespace nitro {

/// Inputs x, scale, zero point (optional, gives the dtype; u8 without it). A 1-D scale is per
/// `axis`.
struct QuantizeLinear {
  int64_t axis = 0;
  static constexpr std::string_view kName = "QuantizeLinear";
  static constexpr auto fields() { return std::tuple(field("axis", &QuantizeLinear::axis)); }
  bool operator==(const QuantizeLinear&) const = default;
};

/// Inputs x, scale, zero point (optional). The result has the dtype of the scale.
struct DequantizeLinear {
  int64_t axis = 0;
  static constexpr std::string_view kName = "DequantizeLinear";
  static constexpr auto fields() { return std::tuple(field("axis", &DequantizeLinear::axis)); }
  bool operator==(const DequantizeLinear&) const = default;
};

/// Whether what a DequantizeLinear reads are quantised weights, or with 32 bits the bias of a layer
/// that has such: runtimes compute with them as integers, and they are smaller than its result, so
/// that nothing should compute it before.
inline bool are_quantized_weights(const TensorType& type) {
  return (is_byte(type.dtype) && type.rank() >= 2) || type.dtype == DType::kI32;
}

/// Outputs y (u8), scale (f32 scalar), zero point (u8 scalar).
struct DynamicQuantizeLinear {
  static constexpr std::string_view kName = "DynamicQuantizeLinear";
  static constexpr auto fields() { return std::tuple(); }
  bool operator==(const DynamicQuantizeLinear&) const = default;
};

/// Inputs a, b (i8 or u8, ranks at least 2), zero points of a and b (optional; one element, or one
/// per row of a and per column of b). Gives i32.
struct MatMulInteger {
  static constexpr std::string_view kName = "MatMulInteger";
  static constexpr auto fields() { return std::tuple(); }
  bool operator==(const MatMulInteger&) const = default;
};

/// Inputs x, w (i8 or u8), zero points of x and w (optional; w's may be per output channel). Gives
/// i32.
struct ConvInteger {
  Ints strides, dilations, pads_before, pads_after;
  int64_t group = 1;
  static constexpr std::string_view kName = "ConvInteger";
  static constexpr auto fields() {
    return std::tuple(
        field("strides", &ConvInteger::strides), field("dilations", &ConvInteger::dilations),
        field("pads_before", &ConvInteger::pads_before),
        field("pads_after", &ConvInteger::pads_after), field("group", &ConvInteger::group));
  }
  bool operator==(const ConvInteger&) const = default;
};

}  // namespace nitro
