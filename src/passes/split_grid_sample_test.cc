#include <limits>

#include "passes/testing.h"

namespace nitro::passes {
namespace {

const GridSample kCorners{.align_corners = true};

Graph sampling(const GridSample& op, const Shape& x, const Shape& grid, DType dtype = DType::kF32) {
  TestGraph g;
  const ValueId image = g.input(x, dtype);
  return g.finish({g.node(op, {image, g.input(grid, dtype)})});
}

/// Sampled at all pairs of these coordinates.
Graph sampling_at(const GridSample& op, const Shape& x, const std::vector<double>& coordinates) {
  TestGraph g;
  std::vector<double> points;
  for (double down : coordinates) {
    for (double right : coordinates) points.insert(points.end(), {right, down});
  }
  const auto count = static_cast<int64_t>(coordinates.size());
  const ValueId image = g.input(x);
  return g.finish({g.node(op, {image, g.values({1, count, count, 2}, points)})});
}

void expect_split(const Graph& graph, double tolerance = 1e-5) {
  const Graph after = expect_rewrite(split_fused_ops, graph, tolerance);
  EXPECT_EQ(count<GridSample>(after), 0U);
  EXPECT_EQ(count<Gather>(after), 1U);
}

TEST(SplitGridSample, RandomPlacesInsideAndOutside) {
  for (const bool corners : {false, true}) {
    for (const GridPadding padding : {GridPadding::kZeros, GridPadding::kBorder}) {
      const GridSample op{.padding = padding, .align_corners = corners};
      expect_split(sampling(op, {1, 3, 5, 7}, {1, 6, 4, 2}));
      expect_split(sampling(op, {3, 2, 4, 3}, {3, 9, 5, 2}));
      expect_split(sampling(op, {2, 1, 2, 2}, {2, 1, 40, 2}));
    }
  }
}

TEST(SplitGridSample, BordersAndBeyond) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<double> coordinates = {-kInfinity, -1e9, -3,   -1.3,  -1.2, -1.01, -1,
                                           -0.99,      -0.8, 0,    0.5,   0.8,  0.99,  1,
                                           1.01,       1.2,  1.25, 1.333, 4,    1e9,   kInfinity};
  for (const bool corners : {false, true}) {
    for (const GridPadding padding : {GridPadding::kZeros, GridPadding::kBorder}) {
      const GridSample op{.padding = padding, .align_corners = corners};
      expect_split(sampling_at(op, {1, 2, 5, 4}, coordinates));
      expect_split(sampling_at(op, {1, 2, 2, 9}, coordinates));
    }
  }
}

TEST(SplitGridSample, PlacesAreComputedInF32) {
  const Graph half = sampling(kCorners, {1, 2, 40, 40}, {1, 8, 8, 2}, DType::kF16);
  expect_split(half, 2e-3);
  const Graph after = expect_rewrite(split_fused_ops, half, 2e-3);
  EXPECT_EQ(after.type(after.outputs()[0]).dtype, DType::kF16);
  EXPECT_EQ(after.type(first<Gather>(after).inputs[0]).dtype, DType::kF16)
      << "what is read is not made larger";
  EXPECT_EQ(after.type(first<Reduce>(after).inputs[0]).dtype, DType::kF32);
}

TEST(SplitGridSample, AnImageOfManyPixelsIsIndexedInIntegers) {
  const Graph after =
      expect_rewrite(split_fused_ops, sampling(kCorners, {1, 1, 300, 200}, {1, 20, 20, 2}), 1e-4);
  EXPECT_EQ(after.type(first<Gather>(after).inputs[1]).dtype, DType::kI32);
}

TEST(SplitGridSample, OtherSamplingsStay) {
  expect_unchanged(split_fused_ops,
                   sampling({.mode = Interpolation::kNearest}, {1, 2, 5, 4}, {1, 3, 3, 2}));
  expect_unchanged(split_fused_ops,
                   sampling({.mode = Interpolation::kCubic}, {1, 2, 5, 4}, {1, 3, 3, 2}));
  expect_unchanged(split_fused_ops,
                   sampling({.padding = GridPadding::kReflection}, {1, 2, 5, 4}, {1, 3, 3, 2}));
  expect_unchanged(split_fused_ops, sampling(kCorners, {1, 2, 5, 4, 3}, {1, 3, 3, 2, 3}));
  expect_unchanged(split_fused_ops, sampling(kCorners, {1, 2, 5}, {1, 3, 1}));
  expect_unchanged(split_fused_ops, sampling(kCorners, {1, 2, 1, 4}, {1, 3, 3, 2}));
  expect_unchanged(split_fused_ops, sampling(kCorners, {1, 2, 4, 1}, {1, 3, 3, 2}));
}

TEST(SplitGridSample, WhatATargetHasStays) {
  const Graph graph = sampling(kCorners, {1, 2, 5, 4}, {1, 3, 3, 2});
  expect_unchanged(split_fused_ops, graph, {{"keep", "Gather GridSample"}});
  expect_rewrite(split_fused_ops, graph, 1e-5, {{"keep", "Gather"}});
}

}  // namespace
}  // namespace nitro::passes
