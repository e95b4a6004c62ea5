#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ir/fields.h"

namespace nitro {

using Ints = std::vector<int64_t>;

/// Same elements under a static shape (also Squeeze, Unsqueeze, Flatten, Identity of ONNX).
struct Reshape {
  Ints shape;
  static constexpr std::string_view kName = "Reshape";
  static constexpr auto fields() { return std::tuple(field("shape", &Reshape::shape)); }
  bool operator==(const Reshape&) const = default;
};

/// y's axis i is x's axis perm[i].
struct Transpose {
  Ints perm;
  static constexpr std::string_view kName = "Transpose";
  static constexpr auto fields() { return std::tuple(field("perm", &Transpose::perm)); }
  bool operator==(const Transpose&) const = default;
};

/// Broadcast x to `shape` (already the result of ONNX's bidirectional rule).
struct Expand {
  Ints shape;
  static constexpr std::string_view kName = "Expand";
  static constexpr auto fields() { return std::tuple(field("shape", &Expand::shape)); }
  bool operator==(const Expand&) const = default;
};

/// Per axis of x: `sizes` elements from `starts` in steps of `steps` (may be negative). Normalised:
/// one entry per axis, all in range.
struct Slice {
  Ints starts;
  Ints sizes;
  Ints steps;
  static constexpr std::string_view kName = "Slice";
  static constexpr auto fields() {
    return std::tuple(field("starts", &Slice::starts), field("sizes", &Slice::sizes),
                      field("steps", &Slice::steps));
  }
  bool operator==(const Slice&) const = default;
};

struct Concat {
  int64_t axis = 0;  // not negative
  static constexpr std::string_view kName = "Concat";
  static constexpr auto fields() { return std::tuple(field("axis", &Concat::axis)); }
  bool operator==(const Concat&) const = default;
};

/// One output per entry of `sizes`.
struct Split {
  int64_t axis = 0;  // not negative
  Ints sizes;
  static constexpr std::string_view kName = "Split";
  static constexpr auto fields() {
    return std::tuple(field("axis", &Split::axis), field("sizes", &Split::sizes));
  }
  bool operator==(const Split&) const = default;
};

enum class PadMode : uint8_t { kConstant, kReflect, kEdge, kWrap };
inline constexpr std::array<std::string_view, 4> kPadModeNames = {"constant", "reflect", "edge",
                                                                  "wrap"};
constexpr const auto& enum_names(PadMode) { return kPadModeNames; }

/// One entry per axis; negative entries crop.
struct Pad {
  Ints before;
  Ints after;
  PadMode mode = PadMode::kConstant;
  double value = 0;
  static constexpr std::string_view kName = "Pad";
  static constexpr auto fields() {
    return std::tuple(field("before", &Pad::before), field("after", &Pad::after),
                      field("mode", &Pad::mode), field("value", &Pad::value));
  }
  bool operator==(const Pad&) const = default;
};

struct Tile {
  Ints repeats;  // one per axis
  static constexpr std::string_view kName = "Tile";
  static constexpr auto fields() { return std::tuple(field("repeats", &Tile::repeats)); }
  bool operator==(const Tile&) const = default;
};

/// NCHW; `columns_first` is ONNX mode CRD.
struct DepthToSpace {
  int64_t block = 1;
  bool columns_first = false;
  static constexpr std::string_view kName = "DepthToSpace";
  static constexpr auto fields() {
    return std::tuple(field("block", &DepthToSpace::block),
                      field("columns_first", &DepthToSpace::columns_first));
  }
  bool operator==(const DepthToSpace&) const = default;
};

struct SpaceToDepth {
  int64_t block = 1;
  static constexpr std::string_view kName = "SpaceToDepth";
  static constexpr auto fields() { return std::tuple(field("block", &SpaceToDepth::block)); }
  bool operator==(const SpaceToDepth&) const = default;
};

/// Keeps the part on and above (upper) or on and below the k-th diagonal of the last two axes.
struct Trilu {
  bool upper = true;
  int64_t k = 0;
  static constexpr std::string_view kName = "Trilu";
  static constexpr auto fields() {
    return std::tuple(field("upper", &Trilu::upper), field("k", &Trilu::k));
  }
  bool operator==(const Trilu&) const = default;
};

}  // namespace nitro
