#include "optimize/predicted_frame.h"

#include <gtest/gtest.h>

#include "optimize/standard_recipe.h"
#include "passes/testing_swin.h"

namespace nitro::optimize {
namespace {

predict::PredictOptions nano() {
  return {*predict::find_device("jetson-nano"), **predict::find_runtime("tensorrt-8")};
}

double frame_ns(const Graph& graph, const Workload& workload) {
  return predicted_frame(graph, workload, nano())->total_ns;
}

TEST(PredictedFrame, IsACallForEachModality) {
  const Graph swin = passes::TestSwin().build();
  const Workload two{.modalities = {"rgb", "depth"}};
  EXPECT_DOUBLE_EQ(frame_ns(swin, two), 2 * frame_ns(swin, {}));
  Graph batched = swin;
  ASSERT_TRUE(*passes::batch_modalities(batched, {{"modalities", "rgb,depth"}}));
  EXPECT_LT(frame_ns(batched, two), frame_ns(swin, two));
}

TEST(JudgeByPrediction, GainsAddUpAndWhatCostsIsDropped) {
  const Graph swin = passes::TestSwin(1, 64).build();
  const Workload two{.modalities = {"rgb", "depth"}};
  std::vector<LedgerEntry> ledger = ledger_of(standard_recipe("tensorrt-8", two.modalities));
  ASSERT_TRUE(apply_ledger(ledger, swin).has_value());
  ASSERT_TRUE(judge_by_prediction(ledger, swin, two, nano()).has_value());
  double gains = 0;
  for (const LedgerEntry& entry : ledger) {
    EXPECT_EQ(entry.predicted_gain_ns.has_value(), entry.changed);
    gains += entry.predicted_gain_ns.value_or(0);
    if (entry.steps[0].pass == "batch-modalities") {
      EXPECT_GT(*entry.predicted_gain_ns, 0);
    }
  }
  Graph rewritten = swin;
  ASSERT_TRUE(apply(kept_recipe(ledger), rewritten).has_value());
  EXPECT_GE(frame_ns(swin, two) - frame_ns(rewritten, two), gains - 1);
}

/// Where products of matrices are slow, a patch embedding by one loses against a convolution.
TEST(JudgeByPrediction, APassThatCostsIsDropped) {
  passes::TestGraph g;
  const Conv conv{{4, 4}, {1, 1}, {0, 0}, {0, 0}, 1};
  const ValueId map =
      g.node(conv, {g.input({1, 3, 32, 32}), g.weight({64, 3, 4, 4}), g.weight({64})});
  const Graph patches = g.finish({g.transpose(g.reshape(map, {1, 64, 64}), {0, 2, 1})});
  predict::PredictOptions slow = nano();
  slow.runtime.rates.pointwise = 1e-4;
  const std::vector<LedgerEntry> fresh = ledger_of({{{"lower-patch-embedding"}}});
  for (const bool drop : {false, true}) {
    std::vector<LedgerEntry> ledger = fresh;
    ASSERT_TRUE(apply_ledger(ledger, patches).has_value());
    ASSERT_TRUE(ledger[0].changed);
    ASSERT_TRUE(judge_by_prediction(ledger, patches, {}, slow, drop).has_value());
    EXPECT_LT(*ledger[0].predicted_gain_ns, 0);
    EXPECT_EQ(ledger[0].kept, !drop);
    EXPECT_EQ(ledger[0].note.starts_with("dropped"), drop) << ledger[0].note;
  }
}

}  // namespace
}  // namespace nitro::optimize
