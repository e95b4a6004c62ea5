#include "optimize/ablation.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace nitro::optimize
