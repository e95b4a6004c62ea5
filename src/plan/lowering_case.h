#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "passes/testing.h"
#include "plan/lower_steps.h"
#include "plan/prepare.h"
#include "plan/testing.h"
#include "plan/verify_plan.h"
#include "plan/wide_values.h"

namespace nitro::plan {

/// How two tensors differ: the largest difference over the largest element, and the cosine.
struct Difference {
  double relative = 0;
  double cosine = 1;
};

inline Difference difference(const Tensor& wanted, const Tensor& got) {
  const std::vector<double> a = wanted.as<double>(), b = got.as<double>();
  double most = 0, apart = 0, ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) {
      if (std::isfinite(a[i])) most = std::max(most, std::abs(a[i]));
      continue;
    }
    most = std::max(most, std::abs(a[i]));
    apart = std::isfinite(a[i] - b[i]) ? std::max(apart, std::abs(a[i] - b[i])) : INFINITY;
  }
  if (apart == 0) return {};
  for (size_t i = 0; i < a.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return {apart / std::max(most, 1e-30), ab / std::sqrt(std::max(aa * bb, 1e-300))};
}

/// The graph lowered; loops are computed by the reference. Kept together because the plan's maker
/// refers to the graph.
struct LoweredGraph {
  Graph graph;
  Uses uses;
  Lowering lowering;

  LoweredGraph(const Graph& prepared, Precision precision, const Samples& samples = {})
      : graph(arranged(prepared).value()),
        uses(graph),
        lowering(graph, uses, precision, wide_values(graph, samples)) {
    const auto status = lower_steps(lowering);
    EXPECT_TRUE(status.has_value()) << status.error().text();
    const auto valid = verify(plan());
    EXPECT_TRUE(valid.has_value()) << valid.error().text();
  }

  const Plan& plan() { return lowering.plan(); }
  template <class KernelT>
  size_t count() {
    size_t number = 0;
    for (const Step& step : plan().steps)
      number += std::holds_alternative<KernelT>(step.kernel) ? 1 : 0;
    return number;
  }
  std::string steps() {
    std::string text;
    for (const Step& step : plan().steps) text += step.name + "\n";
    return text;
  }
};

/// `before` and its plan give the same on these inputs.
inline void expect_computes(const Graph& before, LoweredGraph& lowered,
                            std::span<const Tensor> inputs) {
  SCOPED_TRACE(lowered.steps());
  const auto wanted = reference::execute(before, inputs);
  ASSERT_TRUE(wanted.has_value()) << wanted.error().text();
  const std::vector<Tensor> got =
      execute(lowered.plan(), inputs, loops_by_reference(lowered.lowering));
  ASSERT_EQ(wanted->size(), got.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(text((*wanted)[i].type()), text(got[i].type()));
    const Difference apart = difference((*wanted)[i], got[i]);
    if (lowered.plan().precision == Precision::kF32) {
      EXPECT_LE(apart.relative, 1e-4) << "output " << i;
    } else {
      EXPECT_GE(apart.cosine, 0.9999) << "output " << i;
    }
  }
}

/// The same on random inputs.
inline void expect_computes(const Graph& before, LoweredGraph& lowered, uint64_t seed = 11) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  expect_computes(before, lowered, passes::random_inputs(before, seed));
}

/// Prepares, lowers in both precisions and compares; the f16 plan.
inline std::unique_ptr<LoweredGraph> expect_lowers(const Graph& graph) {
  auto prepared = prepare(graph);
  EXPECT_TRUE(prepared.has_value()) << prepared.error().text();
  LoweredGraph exact(*prepared, Precision::kF32);
  expect_computes(graph, exact);
  auto half = std::make_unique<LoweredGraph>(*prepared, Precision::kF16);
  expect_computes(graph, *half);
  return half;
}

}  // namespace nitro::plan
