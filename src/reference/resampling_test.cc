#include <gtest/gtest.h>

#include <cmath>

#include "reference/evaluate_case.h"

namespace nitro::reference {
namespace {

using Values = std::vector<double>;

Resize doubled(Interpolation mode, ResizeCoordinates coordinates) {
  Resize op;
  op.mode = mode;
  op.coordinates = coordinates;
  op.scales = {1, 2};
  op.sizes = {1, 4};
  return op;
}

TEST(Resize, NearestAndLinear) {
  const Tensor x = floats({1, 2}, {0, 4});
  EXPECT_EQ(values_case(doubled(Interpolation::kNearest, ResizeCoordinates::kHalfPixel), {x}),
            (Values{0, 0, 4, 4}));
  EXPECT_EQ(values_case(doubled(Interpolation::kLinear, ResizeCoordinates::kHalfPixel), {x}),
            (Values{0, 1, 3, 4}));
  EXPECT_EQ(values_case(doubled(Interpolation::kLinear, ResizeCoordinates::kAsymmetric), {x}),
            (Values{0, 2, 4, 4}));
}

TEST(Resize, OutsideTheCropIsExtrapolated) {
  Resize op = doubled(Interpolation::kLinear, ResizeCoordinates::kCropAndResize);
  op.sizes = {1, 2};
  op.scales = {1, 1};
  op.region = {0, 0.5, 1, 1.5};
  op.extrapolation = -1;
  EXPECT_EQ(values_case(op, {floats({1, 2}, {0, 4})}), (Values{2, -1}));
}

TEST(Resize, AntialiasAverages) {
  Resize op;
  op.mode = Interpolation::kLinear;
  op.antialias = true;
  op.scales = {0.5};
  op.sizes = {2};
  EXPECT_EQ(values_case(op, {floats({4}, {3, 3, 3, 3})}), (Values{3, 3}));
}

TEST(GridSample, PaddingModes) {
  const Tensor x = floats({1, 1, 1, 2}, {1, 3});
  const Tensor grid = floats({1, 1, 3, 2}, {0, 0, -1.5, 0, 9, 0});
  EXPECT_EQ(values_case(GridSample{}, {x, grid}), (Values{2, 0, 0}));
  EXPECT_EQ(values_case(GridSample{Interpolation::kLinear, GridPadding::kBorder}, {x, grid}),
            (Values{2, 1, 3}));
  EXPECT_EQ(values_case(GridSample{Interpolation::kNearest, GridPadding::kReflection}, {x, grid}),
            (Values{1, 1, 3}));
}

TEST(GridSample, WildCoordinatesStayInside) {
  const Tensor x = floats({1, 1, 1, 1}, {5});
  const Tensor grid = floats({1, 1, 3, 2}, {NAN, 0, INFINITY, 0, -1e30, NAN});
  for (const GridPadding padding :
       {GridPadding::kZeros, GridPadding::kBorder, GridPadding::kReflection}) {
    for (const bool corners : {false, true}) {
      for (double y : values_case(GridSample{Interpolation::kCubic, padding, corners}, {x, grid})) {
        EXPECT_TRUE(std::isfinite(y));
      }
    }
  }
}

TEST(QuantizeLinear, RoundsTiesToEvenAndSaturates) {
  const Tensor scale = floats({}, {2});
  EXPECT_EQ(values_case(QuantizeLinear{}, {floats({5}, {1, 3, 5, 1000, -1000}), scale,
                                           integers({}, {1}, DType::kI8)}),
            (Values{1, 3, 3, 127, -128}));
}

TEST(QuantizeLinear, PerAxisRoundTrip) {
  const Tensor x = floats({2, 2}, {2, -4, 30, 50});
  const Tensor scale = floats({2}, {2, 10});
  const Tensor zero = integers({2}, {0, 5}, DType::kI8);
  const auto y = evaluate_case(QuantizeLinear{0}, {x, scale, zero});
  EXPECT_EQ(y->at(0).as<double>(), (Values{1, -2, 8, 10}));
  EXPECT_EQ(values_case(DequantizeLinear{0}, {y->at(0), scale, zero}), (Values{2, -4, 30, 50}));
}

TEST(DynamicQuantizeLinear, CoversZero) {
  const auto y = evaluate_case(DynamicQuantizeLinear{}, {floats({2}, {255, 51})});
  EXPECT_EQ(y->at(0).as<double>(), (Values{255, 51}));
  EXPECT_EQ(y->at(1).as<double>(), (Values{1}));
  EXPECT_EQ(y->at(2).as<double>(), (Values{0}));
  EXPECT_TRUE(evaluate_case(DynamicQuantizeLinear{}, {floats({2}, {-INFINITY, NAN})}));
}

}  // namespace
}  // namespace nitro::reference
