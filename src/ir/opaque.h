#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/fields.h"
#include "ir/shape.h"

namespace nitro {

/// An operator that Nitro carries along but does not execute: unknown ops and control flow.
/// `encoded` is the ONNX NodeProto, `types` those of its outputs.
struct Opaque {
  std::string domain;
  std::string op_type;
  std::string encoded;
  std::vector<TensorType> types;
  static constexpr std::string_view kName = "Opaque";
  static constexpr auto fields() {
    return std::tuple(field("domain", &Opaque::domain), field("op_type", &Opaque::op_type),
                      field("encoded", &Opaque::encoded), field("types", &Opaque::types));
  }
  bool operator==(const Opaque&) const = default;
};

}  // namespace nitro
