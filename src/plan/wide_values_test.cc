#include "plan/wide_values.h"

#include "passes/testing_swin.h"
#include "plan/lowering_case.h"
#include "plan/testing_graphs.h"

namespace nitro::plan {
namespace {

using passes::TestGraph;

Result<Plan> lowered(const Graph& graph) {
  const Graph prepared = prepare(graph).value();
  return lower(prepared, {Precision::kF16, {random_sample(prepared)}});
}

/// The plan by the scan computes what the graph does, where f16 alone does not.
void expect_needs_scan(const Graph& graph) {
  const Graph prepared = prepare(graph).value();
  const std::vector<Tensor> inputs = random_sample(prepared);
  const auto wanted = reference::execute(graph, inputs);
  ASSERT_TRUE(wanted) << wanted.error().text();
  for (const bool scans : {false, true}) {
    LoweredGraph lowered(prepared, Precision::kF16, scans ? Samples{inputs} : Samples{});
    const Tensor got = execute(lowered.plan(), inputs, loops_by_reference(lowered.lowering))[0];
    const Difference apart = difference((*wanted)[0], got);
    EXPECT_EQ(scans, apart.cosine >= 0.9999) << apart.cosine;
  }
}

TEST(WideValues, AStreamBeyondF16StaysInF32) { expect_needs_scan(growing_stream()); }

TEST(WideValues, NormalisationsOfTheStreamAreNotPartOfAProduct) {
  const auto plan = lowered(growing_stream());
  ASSERT_TRUE(plan) << plan.error().text();
  std::vector<const Gemm*> gemms;
  for (const Step& step : plan->steps) {
    if (const auto* gemm = std::get_if<Gemm>(&step.kernel)) gemms.push_back(gemm);
  }
  ASSERT_EQ(gemms.size(), 2U);
  EXPECT_TRUE(gemms[0]->normalize);
  EXPECT_EQ(gemms[0]->wide, Wide::kResults);
  EXPECT_EQ(plan->buffers[gemms[0]->out.buffer].type.dtype, DType::kF32);
  EXPECT_FALSE(gemms[1]->normalize);
  EXPECT_EQ(gemms[1]->wide, Wide::kNothing);
  EXPECT_EQ(plan->buffers[gemms[1]->a.buffer].type.dtype, DType::kF16);
}

TEST(WideValues, AProductOfThemIsInF32) {
  TestGraph g;
  const ValueId x = g.unary(UnaryKind::kRelu, g.mul(g.input({5, 16}), g.scalar(2e5)));
  const Graph graph = g.finish({g.mul(g.linear(x, 8), g.scalar(1e-6))});
  expect_needs_scan(graph);
  const auto plan = lowered(graph);
  ASSERT_TRUE(plan);
  const auto* gemm = std::get_if<Gemm>(&plan->steps.back().kernel);
  ASSERT_NE(gemm, nullptr);
  EXPECT_EQ(gemm->wide, Wide::kOperands);
}

TEST(WideValues, AttentionHasOneTypeForAll) {
  TestGraph g;
  const ValueId x = g.input({1, 2, 6, 8});
  const ValueId v = g.unary(UnaryKind::kRelu, g.mul(x, g.scalar(1e5)));
  const ValueId q = g.unary(UnaryKind::kTanh, x);
  const ValueId y = g.node(nitro::Attention{.scale = 0.3}, {q, q, v});
  const Graph graph = g.finish({g.mul(y, g.scalar(1e-5))});
  expect_needs_scan(graph);
  const auto plan = lowered(graph);
  ASSERT_TRUE(plan);
  for (const Step& step : plan->steps) {
    const auto* attention = std::get_if<Attention>(&step.kernel);
    if (!attention) continue;
    for (const HeadView* view : {&attention->q, &attention->k, &attention->v, &attention->out})
      EXPECT_EQ(plan->buffers[view->buffer].type.dtype, DType::kF32);
  }
}

TEST(WideValues, NothingIsWideWhereF16Suffices) {
  const auto with = lowered(passes::TestSwin().build());
  const auto without = lower(prepare(passes::TestSwin().build()).value());
  ASSERT_TRUE(with && without);
  ASSERT_EQ(with->buffers.size(), without->buffers.size());
  for (size_t i = 0; i < with->buffers.size(); ++i)
    EXPECT_EQ(with->buffers[i].type, without->buffers[i].type);
}

TEST(WideValues, AGraphThatCannotRunHasNone) {
  TestGraph g;
  const ValueId x = g.input({5, 16});
  const Graph graph = g.finish({g.mul(x, g.scalar(1e6))});
  const std::vector<bool> wide = wide_values(graph, {{}});
  EXPECT_EQ(std::ranges::count(wide, true), 0);
}

}  // namespace
}  // namespace nitro::plan
