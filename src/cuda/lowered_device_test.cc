// Whole graphs on a real device against the reference executor; skipped where there is none.
#include <gtest/gtest.h>

#include "cuda/engine.h"
#include "passes/testing_swin.h"
#include "plan/lower.h"
#include "plan/lowering_case.h"
#include "plan/prepare.h"
#include "plan/testing_graphs.h"

namespace nitro::cuda {
namespace {

void expect_same(const nitro::Graph& graph) {
  const auto prepared = plan::prepare(graph);
  ASSERT_TRUE(prepared) << prepared.error().text();
  const std::vector<Tensor> inputs = passes::random_inputs(graph, 5);
  const auto wanted = reference::execute(graph, inputs);
  ASSERT_TRUE(wanted) << wanted.error().text();
  for (const plan::Precision precision : {plan::Precision::kF16, plan::Precision::kF32}) {
    const auto plan = plan::lower(*prepared, {precision, {inputs}});
    ASSERT_TRUE(plan) << plan.error().text();
    EngineOptions options;
    options.poison = true;
    auto engine = Engine::load(*plan, options);
    ASSERT_TRUE(engine) << engine.error().text();
    const auto got = engine->run_on(inputs);
    ASSERT_TRUE(got) << got.error().text();
    EXPECT_GE(plan::difference((*wanted)[0], (*got)[0]).cosine, 0.9999);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE((*engine->run_on(inputs))[0] == (*got)[0]) << i;
  }
}

class LoweredDeviceTest : public testing::TestWithParam<int64_t> {
 protected:
  void SetUp() override {
    if (!driver()) GTEST_SKIP() << driver().error().text();
  }
};

TEST_P(LoweredDeviceTest, SwinIsTheSame) { expect_same(passes::TestSwin(2, GetParam()).build()); }

TEST_P(LoweredDeviceTest, HeadIsTheSame) {
  passes::TestGraph g;
  const ValueId tokens = g.layer_norm(g.linear(g.input({2, 10, 16}), GetParam()));
  const Reduce mean{.kind = ReduceKind::kMean, .axes = {1}, .keep_dims = false};
  expect_same(g.finish({g.layer_norm(g.linear(g.node(mean, {tokens}), 48))}));
}

TEST_P(LoweredDeviceTest, IntegersAndWideValuesAreTheSame) {
  expect_same(plan::quantised_mlp(4 * GetParam()));
  expect_same(plan::growing_stream());
}

INSTANTIATE_TEST_SUITE_P(Widths, LoweredDeviceTest, testing::Values(8, 32, 64));

}  // namespace
}  // namespace nitro::cuda
