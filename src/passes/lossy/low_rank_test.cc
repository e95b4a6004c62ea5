#include "passes/lossy/testing.h"

namespace nitro::passes {
namespace {

/// A layer from 24 values to 16, whose weight has rank 3.
Graph layer(bool fused) {
  TestGraph graph;
  graph.enter("fc");
  Random random(31);
  const std::vector<double> u = random_values(random, 24 * 3), v = random_values(random, 3 * 16);
  std::vector<double> weight(24 * 16);
  for (size_t i = 0; i < 24; ++i) {
    for (size_t j = 0; j < 16; ++j) {
      for (size_t k = 0; k < 3; ++k) weight[i * 16 + j] += u[i * 3 + k] * v[k * 16 + j];
    }
  }
  const ValueId x = graph.input({50, 24}), w = graph.values({24, 16}, weight);
  const ValueId bias = graph.weight({16});
  return graph.finish({fused ? graph.node(Gemm{.alpha = 0.5, .beta = 3}, {x, w, bias})
                             : graph.add(graph.node(MatMul{}, {x, w}), bias)});
}

TEST(LowRank, KeepsTheFunctionOfAMatrixOfLowRank) {
  for (bool fused : {false, true}) {
    const Graph before = layer(fused);
    const TestCalibration calibration(before);
    const Graph after =
        expect_lossy(low_rank, before, calibration.parameters({{"loss", "1e-9"}, {"tile", "1"}}));
    EXPECT_EQ(after.type(after.nodes()[0].outputs[0]).shape.back(), 3);
    EXPECT_EQ(origins(after, after.node(0)).contains("n0"), true);
    expect_equivalent(before, after, 1e-4);
  }
}

TEST(LowRank, LeavesWhatWouldNotBecomeFaster) {
  const Graph before = layer(false);
  const TestCalibration calibration(before);
  expect_unchanged(low_rank, before, calibration.parameters({{"tile", "8"}, {"gain", "1.5"}}));
  expect_unchanged(low_rank, before, calibration.parameters({{"tile", "1"}, {"gain", "4"}}));
}

TEST(LowRank, ChangesNothingTwice) {
  const Graph before = layer(false);
  const TestCalibration calibration(before);
  const Parameters parameters = calibration.parameters({{"loss", "1e-9"}, {"tile", "3"}});
  const Graph after = expect_lossy(low_rank, before, parameters);
  expect_unchanged(low_rank, after, parameters);
}

TEST(LowRank, SaysWhichLayersItDoesNotFind) {
  const Graph before = layer(false);
  EXPECT_EQ(error_of(low_rank, before, TestCalibration(before).parameters({{"layers", "cf"}})),
            "layers=cf: no linear layer is in it");
}

}  // namespace
}  // namespace nitro::passes
