#include "cuda/pooled_head.h"

#include <gtest/gtest.h>

#include "cuda/specialise.h"
#include "passes/testing.h"
#include "plan/lower.h"
#include "plan/prepare.h"
#include "plan/verify_plan.h"

namespace nitro::cuda {
namespace {

using passes::TestGraph;
using plan::PooledHead;
using plan::RowWork;

constexpr int64_t kTokens = 6, kWidth = 32, kResults = 40;

ValueId mean_of_tokens(TestGraph& g, ValueId x) {
  return g.node(Reduce{.kind = ReduceKind::kMean, .axes = {1}, .keep_dims = false}, {x});
}
ValueId tokens(TestGraph& g) { return g.linear(g.input({2, kTokens, kWidth}), kWidth); }

plan::Plan lowered(Graph graph, plan::Precision precision = plan::Precision::kF16) {
  return *plan::lower(*plan::prepare(std::move(graph)), {precision});
}

/// The heads of the plan made special, which must be sound.
std::vector<PooledHead> heads_of(const plan::Plan& plan, const Target& target = target_of(90)) {
  const plan::Plan special = specialise(plan, target);
  const auto valid = plan::verify(special);
  EXPECT_TRUE(valid) << valid.error().text();
  std::vector<PooledHead> heads;
  for (const plan::Step& step : special.steps) {
    if (const auto* head = std::get_if<PooledHead>(&step.kernel)) heads.push_back(*head);
  }
  return heads;
}

Graph whole() {
  TestGraph g;
  const ValueId pooled = mean_of_tokens(g, g.layer_norm(tokens(g)));
  return g.finish({g.layer_norm(g.linear(pooled, kResults))});
}

TEST(PooledHead, IsOneStepFromTokensToResult) {
  const plan::Plan plan = lowered(whole());
  const plan::Plan special = specialise(plan, target_of(90));
  EXPECT_EQ(special.steps.size(), plan.steps.size() - 3);
  const plan::Step& step = special.steps.back();
  const auto heads = heads_of(plan);
  ASSERT_EQ(heads.size(), 1);
  EXPECT_EQ(heads[0].before.kind, RowWork::Kind::kNormalize);
  EXPECT_EQ(heads[0].mean.together, kTokens);
  EXPECT_EQ(heads[0].product.m, 2);
  EXPECT_EQ(heads[0].after.kind, RowWork::Kind::kNormalize);
  EXPECT_EQ(heads[0].out, special.outputs[0].buffer);
  // It covers what the four steps covered.
  double flops = 0;
  std::set<OriginId> origins;
  for (size_t i = plan.steps.size() - 4; i < plan.steps.size(); ++i) {
    flops += plan.steps[i].cost.flops;
    origins.insert(plan.steps[i].origins.begin(), plan.steps[i].origins.end());
  }
  EXPECT_EQ(step.cost.flops, flops);
  EXPECT_EQ(step.origins, std::vector<OriginId>(origins.begin(), origins.end()));
}

TEST(PooledHead, StaysAsItIsWhenMadeSpecialAgain) {
  const plan::Plan once = specialise(lowered(whole()), target_of(90));
  EXPECT_EQ(heads_of(once).size(), 1);
}

TEST(PooledHead, NormalizationsMayBeMissing) {
  TestGraph g;
  const auto heads =
      heads_of(lowered(g.finish({g.linear(mean_of_tokens(g, tokens(g)), kResults)})));
  ASSERT_EQ(heads.size(), 1);
  EXPECT_EQ(heads[0].before.kind, RowWork::Kind::kOther);
  EXPECT_EQ(heads[0].after.kind, RowWork::Kind::kOther);
}

TEST(PooledHead, TokensThatOthersReadAreNormalizedForAll) {
  TestGraph g;
  const ValueId x = g.layer_norm(tokens(g));
  const ValueId head = g.linear(mean_of_tokens(g, x), kResults);
  const auto heads = heads_of(lowered(g.finish({head, g.unary(UnaryKind::kExp, x)})));
  ASSERT_EQ(heads.size(), 1);
  EXPECT_EQ(heads[0].before.kind, RowWork::Kind::kOther);
}

TEST(PooledHead, IsNoneWhere) {
  const auto none = [](const auto& build) {
    TestGraph g;
    return heads_of(lowered(g.finish(build(g)))).empty();
  };
  using Values = std::vector<ValueId>;
  EXPECT_TRUE(none([](TestGraph& g) {  // the mean is a result too
    const ValueId mean = mean_of_tokens(g, tokens(g));
    return Values{g.linear(mean, kResults), mean};
  }));
  EXPECT_TRUE(none([](TestGraph& g) {  // the blocks of a cluster cannot share the columns
    return Values{g.linear(mean_of_tokens(g, tokens(g)), 36)};
  }));
  EXPECT_TRUE(none([](TestGraph& g) {
    const ValueId x = g.linear(mean_of_tokens(g, tokens(g)), kResults);
    return Values{g.node(Gelu{}, {x})};
  }));
  EXPECT_TRUE(none([](TestGraph& g) {  // no mean but the largest
    const ValueId x = tokens(g);
    const Reduce largest{.kind = ReduceKind::kMax, .axes = {1}, .keep_dims = false};
    return Values{g.linear(g.node(largest, {x}), kResults)};
  }));
  EXPECT_TRUE(none([](TestGraph& g) {  // the weights do not fit
    return Values{g.linear(mean_of_tokens(g, g.linear(g.input({1, 4, 8}), 1024)), 2048)};
  }));
}

TEST(PooledHead, IsOfHalvesAndDevicesWithClusters) {
  EXPECT_TRUE(heads_of(lowered(whole()), target_of(87)).empty());
  EXPECT_TRUE(heads_of(lowered(whole(), plan::Precision::kF32)).empty());
}

}  // namespace
}  // namespace nitro::cuda
