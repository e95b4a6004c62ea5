#include "optimize/ablation.h"

#include <gtest/gtest.h>

#include <map>

#include "ir/equal.h"
#include "optimize/standard_recipe.h"
#include "passes/testing.h"

namespace nitro::optimize {
namespace {

std::vector<size_t> sizes(const std::vector<LedgerEntry>& ledger) {
  std::vector<size_t> counts;
  for (const LedgerEntry& entry : ledger) counts.push_back(entry.steps.size());
  return counts;
}

TEST(Ledger, GroupsEachPassWithTheCleanUpsAfterIt) {
  const Step fold{"fold-constants"}, dead{"eliminate-dead-code"}, gelu{"fuse-gelu"},
      norm{"fuse-layer-norm"};
  EXPECT_EQ(sizes(ledger_of({{gelu, norm, dead, fold}})), (std::vector<size_t>{1, 3}));
  EXPECT_EQ(sizes(ledger_of({{fold, dead, gelu, dead, norm}})), (std::vector<size_t>{2, 2, 1}));
  EXPECT_TRUE(ledger_of({}).empty());
}

TEST(Ledger, HoldsAllStepsInOrder) {
  const Recipe recipe = standard_recipe("ort", {"rgb", "depth"});
  Recipe joined;
  for (const LedgerEntry& entry : ledger_of(recipe))
    joined.steps.insert(joined.steps.end(), entry.steps.begin(), entry.steps.end());
  EXPECT_EQ(joined, recipe);
}

TEST(Ledger, KeepsWhatIsKeptAndChangedSomething) {
  std::vector<LedgerEntry> ledger =
      ledger_of({{{"fuse-gelu"}, {"fuse-layer-norm"}, {"merge-linears"}}});
  EXPECT_TRUE(kept_recipe(ledger).steps.empty());
  ledger[0].changed = ledger[1].changed = true;
  ledger[1].kept = false;
  EXPECT_EQ(kept_recipe(ledger), (Recipe{{{"fuse-gelu"}}}));
}

/// A product with an addition, and a sum that nobody reads.
Graph small_graph() {
  passes::TestGraph test;
  const ValueId x = test.input({2, 5, 8});
  test.add(x, x);
  return test.finish({test.linear(x, 4)});
}

TEST(ApplyLedger, NotesWhatEachEntryChanged) {
  const Graph original = small_graph();
  std::vector<LedgerEntry> ledger =
      ledger_of({{{"fuse-gelu"}, {"lower-linear"}, {"eliminate-dead-code"}}});
  const auto graph = apply_ledger(ledger, original);
  ASSERT_TRUE(graph.has_value()) << graph.error().text();
  EXPECT_FALSE(ledger[0].changed);
  EXPECT_EQ(ledger[0].note, "found nothing to rewrite");
  EXPECT_TRUE(ledger[1].changed);
  Graph replayed = original;
  ASSERT_TRUE(apply(kept_recipe(ledger), replayed).has_value());
  EXPECT_TRUE(equal(replayed, *graph));
  passes::expect_equivalent(original, *graph);
}

TEST(ApplyLedger, AnEntryThatDoesNotFitTheModelIsDroppedWithItsReason) {
  const Graph original = small_graph();
  // Two modalities need a name each.
  std::vector<LedgerEntry> ledger =
      ledger_of({{{"batch-modalities", {{"modalities", ""}}}, {"eliminate-dead-code"}}});
  const auto graph = apply_ledger(ledger, original);
  ASSERT_TRUE(graph.has_value()) << graph.error().text();
  EXPECT_FALSE(ledger[0].kept);
  EXPECT_FALSE(ledger[0].changed);
  EXPECT_NE(ledger[0].note.find("batch-modalities"), std::string::npos) << ledger[0].note;
  EXPECT_TRUE(equal(*graph, original));
}

/// Ablation of fuse-gelu and lower-linear on small_graph(), with times that the test makes up.
class SimulatedAblation : public testing::Test {
 protected:
  /// `ns` of the frame, by its label.
  void ablate_with(const std::map<std::string, int64_t>& ns) {
    opened_.model.graph = small_graph();
    ledger_ = ledger_of(recipe_);
    ASSERT_TRUE(apply_ledger(ledger_, opened_.model.graph).has_value());
    AblationOptions options{opened_, workload_, setup_, folder_.path(), 5, [](const auto&) {}};
    options.measure = [&](const std::vector<Frame>& frames, const RunSetup&,
                          const MeasureOptions& measuring) -> Result<std::vector<FrameSamples>> {
      std::vector<FrameSamples> samples;
      labels_.emplace_back();
      for (const Frame& frame : frames) {
        labels_.back().push_back(frame.label);
        const auto found = ns.find(frame.label);
        if (found == ns.end()) return std::vector<FrameSamples>(frames.size());
        const std::vector<int64_t> repetition(9, found->second);
        samples.emplace_back().repetitions.assign(static_cast<size_t>(measuring.repetitions),
                                                  repetition);
      }
      return samples;
    };
    const auto done = ablate(ledger_, options);
    ASSERT_TRUE(done.has_value()) << done.error().text();
  }

  ScratchFolder folder_ = ScratchFolder::create("nitro-test").value();
  zoo::OpenedModel opened_;
  Workload workload_;
  RunSetup setup_;
  Recipe recipe_ = {{{"fuse-gelu"}, {"lower-linear"}}};
  std::vector<LedgerEntry> ledger_;
  std::vector<std::vector<std::string>> labels_;  // of each measurement
};

TEST_F(SimulatedAblation, WhatIsFasterIsKeptWithoutASecondLook) {
  ablate_with({{"original", 1000}, {"after-1", 900}});
  ASSERT_EQ(labels_.size(), 1U);
  EXPECT_EQ(labels_[0], (std::vector<std::string>{"original", "after-1"}));
  EXPECT_TRUE(ledger_[1].kept);
  EXPECT_NEAR(ledger_[1].measured->speedup, 1000.0 / 900, 1e-9);
  EXPECT_EQ(ledger_[1].note, "");
}

TEST_F(SimulatedAblation, WhatCostsTimeIsDroppedWhereTheRestIsFasterWithoutIt) {
  ablate_with({{"original", 1000}, {"after-1", 1100}, {"whole", 1100}, {"without-1", 1000}});
  ASSERT_EQ(labels_.size(), 2U);
  EXPECT_EQ(labels_[1], (std::vector<std::string>{"whole", "without-1"}));
  EXPECT_FALSE(ledger_[1].kept);
  EXPECT_TRUE(ledger_[1].note.starts_with("dropped: the whole recipe is 0.909x"))
      << ledger_[1].note;
  EXPECT_TRUE(kept_recipe(ledger_).steps.empty());
}

TEST_F(SimulatedAblation, WhatSeemedToCostIsKeptWhereTheWholeIsFasterWithIt) {
  ablate_with({{"original", 1000}, {"after-1", 1100}, {"whole", 900}, {"without-1", 1000}});
  EXPECT_TRUE(ledger_[1].kept);
  EXPECT_TRUE(ledger_[1].note.starts_with("kept: the whole recipe is 1.111x")) << ledger_[1].note;
}

TEST_F(SimulatedAblation, WhatTheWholeNeedsIsNoGainOverTheOriginal) {
  ablate_with({{"original", 1000},
               {"after-1", 1100},
               {"whole", 1050},
               {"without-1", 1080},
               {"kept", 1050}});
  ASSERT_EQ(labels_.size(), 3U);
  EXPECT_EQ(labels_[2], (std::vector<std::string>{"original", "whole", "kept"}));
  EXPECT_FALSE(ledger_[1].kept);
  EXPECT_TRUE(ledger_[1].note.starts_with("dropped: with what was left the model is 0.952x"))
      << ledger_[1].note;
}

TEST_F(SimulatedAblation, WhatSeemedToCostComesBackWhereWithoutAllOfItTheModelIsSlower) {
  recipe_ = {{{"eliminate-dead-code"}, {"lower-linear"}}};
  ablate_with({{"original", 1000},
               {"after-0", 1100},
               {"after-1", 1000},
               {"whole", 1000},
               {"without-0", 990},
               {"kept", 1200}});
  ASSERT_EQ(labels_.size(), 3U);
  EXPECT_TRUE(ledger_[0].kept);
  EXPECT_TRUE(
      ledger_[0].note.starts_with("kept: without all that seemed to cost time it is 0.833x"))
      << ledger_[0].note;
}

TEST_F(SimulatedAblation, NothingIsDroppedThatWasNotMeasuredTwice) {
  ablate_with({{"original", 1000}, {"after-1", 1100}});
  EXPECT_TRUE(ledger_[1].kept) << "the second measurement has no samples";
}

TEST_F(SimulatedAblation, NothingIsSettledOnceInterrupted) {
  setup_.interrupted = [] { return true; };
  ablate_with({{"original", 1000}, {"after-1", 1100}, {"whole", 1100}, {"without-1", 1000}});
  EXPECT_EQ(labels_.size(), 1U);
  EXPECT_TRUE(ledger_[1].kept);
}

}  // namespace
}  // namespace nitro::optimize
