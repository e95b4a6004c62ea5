#include "passes/lossy/testing.h"

namespace nitro::passes {
namespace {

/// A layer from 24 values to `out`, whose weight has rank 3.
Graph layer(bool fused, size_t out = 16) {
  TestGraph graph;
  graph.enter("fc");
  Random random(31);
  const std::vector<double> u = random_values(random, 24 * 3),
                            v = random_values(random, 3 * static_cast<int64_t>(out));
  std::vector<double> weight(24 * out);
  for (size_t i = 0; i < 24; ++i) {
    for (size_t j = 0; j < out; ++j) {
      for (size_t k = 0; k < 3; ++k) weight[i * out + j] += u[i * 3 + k] * v[k * out + j];
    }
  }
  const ValueId x = graph.input({50, 24}),
                w = graph.values({24, static_cast<int64_t>(out)}, weight);
  const ValueId bias = graph.weight({static_cast<int64_t>(out)});
  return graph.finish({fused ? graph.node(Gemm{.alpha = 0.5, .beta = 3}, {x, w, bias})
                             : graph.add(graph.node(MatMul{}, {x, w}), bias)});
}

TEST(LowRank, KeepsTheFunctionOfAMatrixOfLowRank) {
  for (size_t out : {16, 40}) {
    const bool fused = out == 16;
    const Graph before = layer(fused, out);
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
  expect_unchanged(low_rank, before, calibration.parameters({{"tile", "1"}, {"gain", "10"}}));
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
