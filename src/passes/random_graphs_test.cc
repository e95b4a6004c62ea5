#include "ir/random_graph.h"
#include "passes/testing.h"

namespace nitro::passes {
namespace {

constexpr uint64_t kSeeds = 200;

Graph graph_of(uint64_t seed) {
  Random random(seed);
  return random_graph(random, 5 + random.below(30));
}

/// Equal up to rounding, or not finite in both.
void expect_near(const Tensor& a, const Tensor& b) {
  const std::vector<double> wanted = a.as<double>(), got = b.as<double>();
  double largest = 1;
  for (double each : wanted) {
    if (std::isfinite(each)) largest = std::max(largest, std::abs(each));
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (std::isfinite(wanted[i])) {
      EXPECT_NEAR(wanted[i], got[i], 2e-3 * largest);
    } else {
      EXPECT_FALSE(std::isfinite(got[i]));
    }
  }
}

TEST(RandomGraphs, EachPassKeepsTheFunctionAndIsIdempotent) {
  for (const Pass& pass : all_passes()) {
    if (!runs_alone(pass)) continue;
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(std::string(pass.name) + ", seed " + std::to_string(seed));
      const Graph before = graph_of(seed);
      Graph after = before;
      const auto changed = pass.run(after, {});
      ASSERT_TRUE(changed.has_value()) << changed.error().text();
      EXPECT_EQ(*changed, !equal(before, after));
      const auto valid = verify(after);
      ASSERT_TRUE(valid.has_value()) << valid.error().text();
      compare_results(before, after, seed, expect_near);
      const Graph once = after;
      const auto again = pass.run(after, {});
      ASSERT_TRUE(again.has_value()) << again.error().text();
      EXPECT_FALSE(*again);
      EXPECT_TRUE(equal(once, after)) << print(once) << print(after);
    }
  }
}

TEST(RandomGraphs, AllPassesInTurnKeepTheFunction) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Graph before = graph_of(seed);
    Graph after = before;
    for (const Pass& pass : all_passes()) {
      if (!runs_alone(pass)) continue;
      const auto changed = run_pass(pass, after);
      ASSERT_TRUE(changed.has_value()) << changed.error().text();
    }
    compare_results(before, after, seed, expect_near);
  }
}

TEST(RandomGraphs, ABatchGivesWhatEachModalityGives) {
  int batched = 0;
  for (uint64_t seed = 1; seed <= 4 * kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Graph before = graph_of(seed);
    Graph after = before;
    const auto changed = batch_modalities(after, {{"modalities", "a,b"}});
    if (!changed) {
      EXPECT_TRUE(equal(before, after));
      continue;
    }
    ++batched;
    const auto valid = verify(after);
    ASSERT_TRUE(valid.has_value()) << valid.error().text();
    const std::vector<Tensor> samples = random_inputs(after, seed);
    const auto got = reference::execute(after, samples);
    ASSERT_TRUE(got.has_value()) << got.error().text();
    for (size_t i = 0; i < 2; ++i) {
      const auto wanted = reference::execute(before, std::vector{samples[i]});
      ASSERT_TRUE(wanted.has_value()) << wanted.error().text();
      for (size_t j = 0; j < wanted->size(); ++j) expect_near((*wanted)[j], (*got)[2 * j + i]);
    }
  }
  EXPECT_GT(batched, 5) << "hardly any graph could be batched";
}

}  // namespace
}  // namespace nitro::passes
