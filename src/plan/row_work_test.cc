#include "plan/row_work.h"

#include <gtest/gtest.h>

#include "passes/testing.h"
#include "plan/lower.h"
#include "plan/verify_plan.h"

namespace nitro::plan {
namespace {

using passes::TestGraph;
using Kind = RowWork::Kind;

/// The work of the loop that is the last step.
RowWork work_of(TestGraph& g, ValueId result) {
  const auto plan = lower(g.finish({result}), {Precision::kF32});
  EXPECT_TRUE(plan) << plan.error().text();
  EXPECT_TRUE(verify(*plan));
  const auto* loop = std::get_if<Loop>(&plan->steps.back().kernel);
  return loop ? loop->work : RowWork{};
}

ValueId mean(TestGraph& g, ValueId x, Ints axes) {
  return g.node(Reduce{.kind = ReduceKind::kMean, .axes = std::move(axes), .keep_dims = false},
                {x});
}

TEST(RowWork, OfANormalizationKnowsItsOperands) {
  TestGraph g;
  const RowWork work = work_of(g, g.layer_norm(g.input({2, 3, 8})));
  EXPECT_EQ(work.kind, Kind::kNormalize);
  EXPECT_EQ(work.rows, 6);
  EXPECT_EQ(work.columns, 8);
  EXPECT_EQ(work.x, 0);
  EXPECT_NE(work.scale, kNoBuffer);
  EXPECT_NE(work.shift, kNoBuffer);
}

/// LayerNorm whose scale and shift are the same for all columns, as before any training.
RowWork work_of_uniform(double scale, double shift) {
  TestGraph g;
  const ValueId x = g.input({2, 3, 8});
  const ValueId scales = g.values({8}, std::vector<double>(8, scale));
  const ValueId shifts = g.values({8}, std::vector<double>(8, shift));
  return work_of(g, g.node(LayerNormalization{2, 1e-5}, {x, scales, shifts}));
}

TEST(RowWork, ParametersWithoutEffectAreLeftOut) {
  const RowWork work = work_of_uniform(1, 0);
  EXPECT_EQ(work.kind, Kind::kNormalize);
  EXPECT_EQ(work.scale, kNoBuffer);
  EXPECT_EQ(work.shift, kNoBuffer);
  EXPECT_EQ(work_of_uniform(0.5, 0).kind, Kind::kOther) << "in the code, and no operand";
}

TEST(RowWork, OfAMeanIsTheSameHoweverItIsWritten) {
  for (const bool transposed : {false, true}) {
    TestGraph g;
    const ValueId x = g.input({2, 5, 8});
    const RowWork work =
        work_of(g, transposed ? mean(g, g.transpose(x, {0, 2, 1}), {2}) : mean(g, x, {1}));
    EXPECT_EQ(work.kind, Kind::kMean);
    EXPECT_EQ(work.rows, 10);
    EXPECT_EQ(work.columns, 8);
    EXPECT_EQ(work.together, 5);
  }
}

TEST(RowWork, OfAMeanOverTwoAxes) {
  TestGraph g;
  const RowWork work = work_of(g, mean(g, g.input({3, 2, 4, 8}), {1, 2}));
  EXPECT_EQ(work.kind, Kind::kMean);
  EXPECT_EQ(work.together, 8);
  EXPECT_EQ(work.rows, 24);
}

TEST(RowWork, IsOtherForAnythingMore) {
  const auto kind_of = [](const auto& build) {
    TestGraph g;
    const ValueId result = build(g, g.input({4, 6, 8}));
    return work_of(g, result).kind;
  };
  EXPECT_EQ(
      kind_of([](TestGraph& g, ValueId x) { return g.unary(UnaryKind::kExp, g.layer_norm(x)); }),
      Kind::kOther);
  EXPECT_EQ(
      kind_of([](TestGraph& g, ValueId x) { return g.layer_norm(g.unary(UnaryKind::kExp, x)); }),
      Kind::kOther);
  EXPECT_EQ(kind_of([](TestGraph& g, ValueId x) {
              return g.layer_norm(g.transpose(x, {1, 0, 2}));
            }),
            Kind::kOther);
  EXPECT_EQ(kind_of([](TestGraph& g, ValueId x) {
              return g.transpose(g.layer_norm(x), {1, 0, 2});
            }),
            Kind::kOther);
  EXPECT_EQ(kind_of([](TestGraph& g, ValueId x) { return mean(g, x, {0, 2}); }), Kind::kOther);
  EXPECT_EQ(kind_of([](TestGraph& g, ValueId x) {
              return g.node(Reduce{.kind = ReduceKind::kSum, .axes = {1}}, {x});
            }),
            Kind::kOther);
}

}  // namespace
}  // namespace nitro::plan
