#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ir/ops_movement.h"

namespace nitro {

enum class PoolKind : uint8_t { kMax, kAverage, kLp };
inline constexpr std::array<std::string_view, 3> kPoolKindNames = {"Max", "Average", "Lp"};
constexpr const auto& enum_names(PoolKind) { return kPoolKindNames; }

/// x [N,C,spatial…]. Resolved padding; `out` is the spatial output (ceil mode already applied).
/// Max has a second output, the index of each maximum in the flattened x (i64).
struct Pool {
  PoolKind kind = PoolKind::kMax;
  Ints kernel;
  Ints strides;
  Ints dilations;
  Ints pads_before;
  Ints pads_after;
  Ints out;
  bool count_padding = false;  // average: divide by the kernel's size also at the border
  int64_t p = 2;
  bool columns_first = false;  // max: indices in column-major order
  static constexpr std::string_view kName = "Pool";
  static constexpr auto fields() {
    return std::tuple(field("kind", &Pool::kind), field("kernel", &Pool::kernel),
                      field("strides", &Pool::strides), field("dilations", &Pool::dilations),
                      field("pads_before", &Pool::pads_before),
                      field("pads_after", &Pool::pads_after), field("out", &Pool::out),
                      field("count_padding", &Pool::count_padding), field("p", &Pool::p),
                      field("columns_first", &Pool::columns_first));
  }
  bool operator==(const Pool&) const = default;
};

enum class ReduceKind : uint8_t {
  kSum,
  kMean,
  kMax,
  kMin,
  kProd,
  kL1,
  kL2,
  kLogSum,
  kLogSumExp,
  kSumSquare
};
inline constexpr std::array<std::string_view, 10> kReduceKindNames = {
    "Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"};
constexpr const auto& enum_names(ReduceKind) { return kReduceKindNames; }

/// `axes` sorted, not negative. Global pools are Mean and Max over the spatial axes.
struct Reduce {
  ReduceKind kind = ReduceKind::kSum;
  Ints axes;
  bool keep_dims = true;
  static constexpr std::string_view kName = "Reduce";
  static constexpr auto fields() {
    return std::tuple(field("kind", &Reduce::kind), field("axes", &Reduce::axes),
                      field("keep_dims", &Reduce::keep_dims));
  }
  bool operator==(const Reduce&) const = default;
};

enum class Interpolation : uint8_t { kNearest, kLinear, kCubic };
inline constexpr std::array<std::string_view, 3> kInterpolationNames = {"nearest", "linear",
                                                                        "cubic"};
constexpr const auto& enum_names(Interpolation) { return kInterpolationNames; }

enum class ResizeCoordinates : uint8_t {
  kHalfPixel,
  kPytorchHalfPixel,
  kAlignCorners,
  kAsymmetric,
  kHalfPixelSymmetric,
  kCropAndResize,
  kTfHalfPixelForNN,
};
inline constexpr std::array<std::string_view, 7> kResizeCoordinatesNames = {
    "half_pixel",           "pytorch_half_pixel", "align_corners",       "asymmetric",
    "half_pixel_symmetric", "tf_crop_and_resize", "tf_half_pixel_for_nn"};
constexpr const auto& enum_names(ResizeCoordinates) { return kResizeCoordinatesNames; }

enum class NearestMode : uint8_t { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil };
inline constexpr std::array<std::string_view, 4> kNearestModeNames = {
    "round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
constexpr const auto& enum_names(NearestMode) { return kNearestModeNames; }

using Reals = std::vector<double>;

/// One entry per axis in `scales` and `sizes` (the output). `region` (crop and resize) is empty or
/// starts then ends, per axis, in normalised coordinates.
struct Resize {
  Interpolation mode = Interpolation::kNearest;
  ResizeCoordinates coordinates = ResizeCoordinates::kHalfPixel;
  NearestMode nearest = NearestMode::kRoundPreferFloor;
  Reals scales;
  Ints sizes;
  Reals region;
  double cubic_coefficient = -0.75;
  bool exclude_outside = false;
  double extrapolation = 0;
  bool antialias = false;
  static constexpr std::string_view kName = "Resize";
  static constexpr auto fields() {
    return std::tuple(field("mode", &Resize::mode), field("coordinates", &Resize::coordinates),
                      field("nearest", &Resize::nearest), field("scales", &Resize::scales),
                      field("sizes", &Resize::sizes), field("region", &Resize::region),
                      field("cubic_coefficient", &Resize::cubic_coefficient),
                      field("exclude_outside", &Resize::exclude_outside),
                      field("extrapolation", &Resize::extrapolation),
                      field("antialias", &Resize::antialias));
  }
  bool operator==(const Resize&) const = default;
};

enum class GridPadding : uint8_t { kZeros, kBorder, kReflection };
inline constexpr std::array<std::string_view, 3> kGridPaddingNames = {"zeros", "border",
                                                                      "reflection"};
constexpr const auto& enum_names(GridPadding) { return kGridPaddingNames; }

/// Inputs x [N,C,spatial…], grid [N,spatial'…,axes] with coordinates in [-1, 1], innermost axis
/// first: (x, y) for images.
struct GridSample {
  Interpolation mode = Interpolation::kLinear;
  GridPadding padding = GridPadding::kZeros;
  bool align_corners = false;
  static constexpr std::string_view kName = "GridSample";
  static constexpr auto fields() {
    return std::tuple(field("mode", &GridSample::mode), field("padding", &GridSample::padding),
                      field("align_corners", &GridSample::align_corners));
  }
  bool operator==(const GridSample&) const = default;
};

}  // namespace nitro
