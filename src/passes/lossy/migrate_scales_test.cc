#include "passes/lossy/linear_inputs.h"
#include "passes/lossy/testing_calibration.h"

namespace nitro::passes {
namespace {

/// The largest magnitude of each channel after a migration of all to the weights is 1.
TEST(MigrateScales, KeepsTheFunctionAndEvensTheChannels) {
  for (bool transposed : {false, true}) {
    TestGraph graph;
    const ValueId x = graph.input({2, 4, 8});
    const ValueId scale = graph.values({8}, {1, 20, 3, 0.1, 1, 1, 1, 1});
    const ValueId norm = graph.node(LayerNormalization{2, 1e-5}, {x, scale, graph.weight({8})});
    const ValueId rows = graph.reshape(norm, {8, 8});
    const ValueId gemm =
        graph.node(Gemm{.transpose_b = transposed},
                   {rows, graph.weight(transposed ? Shape{5, 8} : Shape{8, 5}), graph.weight({5})});
    const Graph before = graph.finish({gemm, graph.linear(norm, 3)});
    const CalibrationFile file(calibration_of(before, linear_inputs(before)));
    const Graph after = expect_rewrite(migrate_scales, before, 1e-5,
                                       {{"calibration", file.path()}, {"strength", "1"}});
    EXPECT_EQ(after.nodes().size(), before.nodes().size());
    for (const auto& [name, record] : calibration_of(after, linear_inputs(after)).values) {
      for (double most : record.channel_max) EXPECT_NEAR(most, 1, 1e-4) << name;
    }
  }
}

TEST(MigrateScales, AnOlderCalibrationNoLongerFits) {
  TestGraph graph;
  const ValueId norm = graph.layer_norm(graph.input({4, 8}));
  Graph rewritten = graph.finish({graph.linear(norm, 3)});
  const CalibrationFile file(calibration_of(rewritten, linear_inputs(rewritten)));
  ASSERT_TRUE(migrate_scales(rewritten, {{"calibration", file.path()}}).value());
  EXPECT_EQ(
      quantize_int8(rewritten, {{"calibration", file.path()}, {"min_macs", "0"}}).error().code,
      ErrorCode::kBadRecipe);
}

TEST(MigrateScales, LeavesWhatOthersRead) {
  TestGraph graph;
  const ValueId norm = graph.layer_norm(graph.input({4, 8}));
  const ValueId y = graph.linear(norm, 8);
  expect_unchanged(migrate_scales, graph.finish({graph.add(y, norm)}),
                   {{"calibration", "/nowhere"}});
}

TEST(MigrateScales, RefusesWhatIsNoStrength) {
  TestGraph graph;
  Graph before = graph.finish({graph.linear(graph.layer_norm(graph.input({4, 8})), 3)});
  EXPECT_EQ(migrate_scales(before, {}).error().code, ErrorCode::kBadRecipe);
  for (const char* strength : {"", "much", "-0.1", "1.1", "nan"}) {
    EXPECT_EQ(migrate_scales(before, {{"calibration", "c"}, {"strength", strength}}).error().code,
              ErrorCode::kBadRecipe);
  }
}

}  // namespace
}  // namespace nitro::passes
