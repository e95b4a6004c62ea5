#pragma once

#include <cstdint>
#include <string_view>

#include "ir/fields.h"

namespace nitro {

/// Inputs x, scale, bias (optional); both over the axes from `axis` on. Outputs y, mean and
/// inverse standard deviation (f32, or f64 for f64; the normalised axes have length 1).
struct LayerNormalization {
  int64_t axis = 0;  // not negative
  double epsilon = 1e-5;
  static constexpr std::string_view kName = "LayerNormalization";
  static constexpr auto fields() {
    return std::tuple(field("axis", &LayerNormalization::axis),
                      field("epsilon", &LayerNormalization::epsilon));
  }
  bool operator==(const LayerNormalization&) const = default;
};

/// Inputs x, skip (added to x), scale, bias (optional), extra [last dim] (optional, added to x +
/// skip). Outputs the LayerNorm of the sum over the last axis, and the sum.
struct SkipLayerNormalization {
  double epsilon = 1e-5;
  static constexpr std::string_view kName = "SkipLayerNormalization";
  static constexpr auto fields() {
    return std::tuple(field("epsilon", &SkipLayerNormalization::epsilon));
  }
  bool operator==(const SkipLayerNormalization&) const = default;
};

/// Inputs x, scale.
struct RMSNormalization {
  int64_t axis = 0;
  double epsilon = 1e-5;
  static constexpr std::string_view kName = "RMSNormalization";
  static constexpr auto fields() {
    return std::tuple(field("axis", &RMSNormalization::axis),
                      field("epsilon", &RMSNormalization::epsilon));
  }
  bool operator==(const RMSNormalization&) const = default;
};

/// Inputs x [N,C,…], scale [C], bias [C]. InstanceNormalization is groups = C.
struct GroupNormalization {
  int64_t groups = 1;
  double epsilon = 1e-5;
  static constexpr std::string_view kName = "GroupNormalization";
  static constexpr auto fields() {
    return std::tuple(field("groups", &GroupNormalization::groups),
                      field("epsilon", &GroupNormalization::epsilon));
  }
  bool operator==(const GroupNormalization&) const = default;
};

/// Inference form. Inputs x [N,C,…], scale, bias, mean, variance, each [C].
struct BatchNormalization {
  double epsilon = 1e-5;
  static constexpr std::string_view kName = "BatchNormalization";
  static constexpr auto fields() {
    return std::tuple(field("epsilon", &BatchNormalization::epsilon));
  }
  bool operator==(const BatchNormalization&) const = default;
};

/// x / ||x||_p along an axis, p = 1 or 2.
struct LpNormalization {
  int64_t axis = 0;
  int64_t p = 2;
  static constexpr std::string_view kName = "LpNormalization";
  static constexpr auto fields() {
    return std::tuple(field("axis", &LpNormalization::axis), field("p", &LpNormalization::p));
  }
  bool operator==(const LpNormalization&) const = default;
};

/// Local response normalisation across channels.
struct LRN {
  int64_t size = 1;
  double alpha = 1e-4;
  double beta = 0.75;
  double bias = 1;
  static constexpr std::string_view kName = "LRN";
  static constexpr auto fields() {
    return std::tuple(field("size", &LRN::size), field("alpha", &LRN::alpha),
                      field("beta", &LRN::beta), field("bias", &LRN::bias));
  }
  bool operator==(const LRN&) const = default;
};

struct Softmax {
  int64_t axis = 0;  // not negative
  bool log = false;
  static constexpr std::string_view kName = "Softmax";
  static constexpr auto fields() {
    return std::tuple(field("axis", &Softmax::axis), field("log", &Softmax::log));
  }
  bool operator==(const Softmax&) const = default;
};

}  // namespace nitro
