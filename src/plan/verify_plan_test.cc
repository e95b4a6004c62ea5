#include "plan/verify_plan.h"

#include <gtest/gtest.h>

#include "passes/testing_swin.h"
#include "plan/lower.h"
#include "plan/prepare.h"

namespace nitro::plan {
namespace {

Plan swin() { return lower(*prepare(passes::TestSwin().build())).value(); }

/// The first step of a kind, and its kernel.
template <class KernelT>
size_t first(const Plan& plan, const std::function<bool(const KernelT&)>& wanted = {}) {
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const auto* kernel = std::get_if<KernelT>(&plan.steps[i].kernel);
    if (kernel && (!wanted || wanted(*kernel))) return i;
  }
  ADD_FAILURE() << "no such step";
  return 0;
}

Gemm& product(Plan& plan, const std::function<bool(const Gemm&)>& wanted = {}) {
  return std::get<Gemm>(plan.steps[first<Gemm>(plan, wanted)].kernel);
}

Attention& attention(Plan& plan) {
  return std::get<Attention>(plan.steps[first<Attention>(plan)].kernel);
}

void expect_broken(const std::string& problem, const std::function<void(Plan&)>& change) {
  Plan plan = swin();
  change(plan);
  const auto valid = verify(plan);
  ASSERT_FALSE(valid.has_value()) << problem;
  EXPECT_EQ(valid.error().code, ErrorCode::kInternal);
  EXPECT_NE(valid.error().text().find(problem), std::string::npos) << valid.error().text();
}

bool has_table(const Gemm& gemm) { return gemm.a.bases != kNoBuffer; }

TEST(VerifyPlan, ALoweredPlanIsValid) {
  const auto valid = verify(swin());
  EXPECT_TRUE(valid.has_value()) << valid.error().text();
}

TEST(VerifyPlan, BuffersAndPorts) {
  expect_broken("there is no such buffer", [](Plan& plan) { product(plan).a.buffer = 100000; });
  expect_broken("is not the one it says",
                [](Plan& plan) { plan.inputs[0].buffer = plan.outputs[0].buffer; });
  expect_broken("a constant has no content",
                [](Plan& plan) { plan.buffers[product(plan).b.buffer].constant.reset(); });
  expect_broken("outside of the arena", [](Plan& plan) { plan.arena_bytes = 0; });
  expect_broken("outside of theirs", [](Plan& plan) { plan.constant_bytes = 0; });
}

TEST(VerifyPlan, NamesAndOrigins) {
  expect_broken("two steps are called",
                [](Plan& plan) { plan.steps[1].name = plan.steps[0].name; });
  expect_broken("not sorted", [](Plan& plan) { plan.steps[0].origins = {1, 1}; });
  expect_broken("no such origin", [](Plan& plan) { plan.steps[0].origins = {100000}; });
}

TEST(VerifyPlan, OrderOfReadsAndWrites) {
  expect_broken("it reads what was not written",
                [](Plan& plan) { std::swap(plan.steps[1], plan.steps.back()); });
  expect_broken("it reads what it writes", [](Plan& plan) {
    Gemm& gemm = product(plan, [](const Gemm& each) { return each.residual.buffer != kNoBuffer; });
    gemm.out.buffer = gemm.residual.buffer;
  });
  expect_broken("it writes an input", [](Plan& plan) {
    product(plan, [](const Gemm& each) { return each.residual.buffer != kNoBuffer; }).out.buffer =
        plan.inputs[0].buffer;
  });
  expect_broken("no step writes an output", [](Plan& plan) { plan.steps.pop_back(); });
}

TEST(VerifyPlan, LiveBuffersApart) {
  expect_broken("share memory", [](Plan& plan) {
    const Gemm& gemm =
        product(plan, [](const Gemm& each) { return each.residual.buffer != kNoBuffer; });
    plan.buffers[gemm.out.buffer].place = plan.buffers[gemm.residual.buffer].place;
  });
}

TEST(VerifyPlan, ViewsInsideTheirBuffers) {
  expect_broken("leaves its buffer", [](Plan& plan) {
    product(plan).m += 1000;
    product(plan).a = product(plan).b;
  });
  expect_broken("leaves its buffer", [](Plan& plan) { attention(plan).v.start += 1; });
  expect_broken("leaves its buffer", [](Plan& plan) { attention(plan).bias_head_stride += 1; });
  expect_broken("leaves its buffer", [](Plan& plan) { attention(plan).q.head_stride = -1; });
  expect_broken("shorter runs", [](Plan& plan) {
    product(plan).residual.run = 8;
    product(plan).a.run = 8;
  });
  expect_broken("for each row",
                [](Plan& plan) { product(plan, has_table).a.bases = product(plan).b.buffer; });
  expect_broken("too few numbers", [](Plan& plan) { product(plan).bias = product(plan).b.buffer; });
}

TEST(VerifyPlan, OnePlaceForEachElementOfAResult) {
  expect_broken("two elements in one place", [](Plan& plan) {
    product(plan, [](const Gemm& each) {
      return each.out.bases == kNoBuffer && each.m > 1;
    }).out.row_stride = 0;
  });
  expect_broken("two elements in one place",
                [](Plan& plan) { attention(plan).out.head_stride = 0; });
}

}  // namespace
}  // namespace nitro::plan
