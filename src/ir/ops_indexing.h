#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ir/fields.h"

namespace nitro {

/// Inputs data, indices (i32 or i64; negative counts from the end).
struct Gather {
  int64_t axis = 0;  // not negative
  static constexpr std::string_view kName = "Gather";
  static constexpr auto fields() { return std::tuple(field("axis", &Gather::axis)); }
  bool operator==(const Gather&) const = default;
};

struct GatherElements {
  int64_t axis = 0;
  static constexpr std::string_view kName = "GatherElements";
  static constexpr auto fields() { return std::tuple(field("axis", &GatherElements::axis)); }
  bool operator==(const GatherElements&) const = default;
};

struct GatherND {
  int64_t batch_dims = 0;
  static constexpr std::string_view kName = "GatherND";
  static constexpr auto fields() { return std::tuple(field("batch_dims", &GatherND::batch_dims)); }
  bool operator==(const GatherND&) const = default;
};

enum class ScatterReduction : uint8_t { kNone, kAdd, kMul, kMin, kMax };
inline constexpr std::array<std::string_view, 5> kScatterReductionNames = {"none", "add", "mul",
                                                                           "min", "max"};
constexpr const auto& enum_names(ScatterReduction) { return kScatterReductionNames; }

/// Inputs data, indices, updates.
struct ScatterElements {
  int64_t axis = 0;
  ScatterReduction reduction = ScatterReduction::kNone;
  static constexpr std::string_view kName = "ScatterElements";
  static constexpr auto fields() {
    return std::tuple(field("axis", &ScatterElements::axis),
                      field("reduction", &ScatterElements::reduction));
  }
  bool operator==(const ScatterElements&) const = default;
};

struct ScatterND {
  ScatterReduction reduction = ScatterReduction::kNone;
  static constexpr std::string_view kName = "ScatterND";
  static constexpr auto fields() { return std::tuple(field("reduction", &ScatterND::reduction)); }
  bool operator==(const ScatterND&) const = default;
};

/// Inputs indices, values [off, on]; a new axis of `depth` elements at `axis`.
struct OneHot {
  int64_t axis = 0;  // not negative, in the output's rank
  int64_t depth = 0;
  static constexpr std::string_view kName = "OneHot";
  static constexpr auto fields() {
    return std::tuple(field("axis", &OneHot::axis), field("depth", &OneHot::depth));
  }
  bool operator==(const OneHot&) const = default;
};

/// Outputs values, indices (i64). Equal elements keep the order of their indices.
struct TopK {
  int64_t axis = 0;
  int64_t k = 0;
  bool largest = true;
  static constexpr std::string_view kName = "TopK";
  static constexpr auto fields() {
    return std::tuple(field("axis", &TopK::axis), field("k", &TopK::k),
                      field("largest", &TopK::largest));
  }
  bool operator==(const TopK&) const = default;
};

/// Index (i64) of the largest or smallest element along an axis.
struct ArgReduce {
  bool largest = true;
  int64_t axis = 0;
  bool keep_dims = true;
  bool last = false;  // of equal elements, the last
  static constexpr std::string_view kName = "ArgReduce";
  static constexpr auto fields() {
    return std::tuple(field("largest", &ArgReduce::largest), field("axis", &ArgReduce::axis),
                      field("keep_dims", &ArgReduce::keep_dims), field("last", &ArgReduce::last));
  }
  bool operator==(const ArgReduce&) const = default;
};

struct CumSum {
  int64_t axis = 0;
  bool exclusive = false;
  bool reverse = false;
  static constexpr std::string_view kName = "CumSum";
  static constexpr auto fields() {
    return std::tuple(field("axis", &CumSum::axis), field("exclusive", &CumSum::exclusive),
                      field("reverse", &CumSum::reverse));
  }
  bool operator==(const CumSum&) const = default;
};

/// Inputs x, sequence lengths [batch] (i64).
struct ReverseSequence {
  int64_t batch_axis = 1;
  int64_t time_axis = 0;
  static constexpr std::string_view kName = "ReverseSequence";
  static constexpr auto fields() {
    return std::tuple(field("batch_axis", &ReverseSequence::batch_axis),
                      field("time_axis", &ReverseSequence::time_axis));
  }
  bool operator==(const ReverseSequence&) const = default;
};

}  // namespace nitro
