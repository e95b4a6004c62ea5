#include "cuda/program.h"
#include "cuda/testing.h"
#include "ir/random_graph.h"
#include "passes/testing_swin.h"
#include "plan/lowering_case.h"
#include "plan/testing_graphs.h"

namespace nitro::cuda {
namespace {

enum class Which : uint8_t { kLoops, kAll };

/// Runs steps of a plan by the device code for a GPU without tensor cores.
class EmulatedSteps {
 public:
  EmulatedSteps(const plan::Plan& plan, Which which) : plan_(plan) {
    std::vector<Program> programs;
    for (size_t i = 0; i < plan.steps.size(); ++i) {
      const bool is_loop = std::holds_alternative<plan::Loop>(plan.steps[i].kernel);
      if (which == Which::kLoops && !is_loop) continue;
      auto program = program_for(plan, plan.steps[i], target_of(53));
      EXPECT_TRUE(program.has_value()) << program.error().text();
      numbers_[i] = programs.size();
      programs.push_back(std::move(*program));
    }
    auto compiled = EmulatedPrograms::compile(programs);
    EXPECT_TRUE(compiled.has_value()) << compiled.error().text();
    programs_.emplace(std::move(*compiled));
  }

  void operator()(size_t step, plan::HostMemory& memory) const {
    std::vector<void*> arguments;
    const plan::Kernel& kernel = plan_.steps[step].kernel;
    for (plan::BufferId buffer : plan::reads(kernel)) arguments.push_back(memory.data(buffer));
    for (plan::BufferId buffer : plan::writes(kernel)) arguments.push_back(memory.data(buffer));
    const auto ran = programs_->run(numbers_.at(step), arguments);
    ASSERT_TRUE(ran.has_value()) << plan_.steps[step].name << ": " << ran.error().text();
  }

 private:
  const plan::Plan& plan_;
  std::map<size_t, size_t> numbers_;
  std::optional<EmulatedPrograms> programs_;
};

void expect_runs(const Graph& graph, plan::Precision precision) {
  const auto prepared = plan::prepare(graph);
  ASSERT_TRUE(prepared.has_value()) << prepared.error().text();
  plan::LoweredGraph lowered(*prepared, precision);
  const EmulatedSteps loops(lowered.plan(), Which::kLoops);
  const std::vector<Tensor> inputs = passes::random_inputs(graph, 5);
  const auto wanted = reference::execute(graph, inputs);
  ASSERT_TRUE(wanted.has_value()) << wanted.error().text();
  const std::vector<Tensor> got = plan::execute(
      lowered.plan(), inputs, [&](size_t step, plan::HostMemory& memory) { loops(step, memory); });
  SCOPED_TRACE(lowered.steps());
  for (size_t i = 0; i < got.size(); ++i) {
    const plan::Difference apart = plan::difference((*wanted)[i], got[i]);
    EXPECT_GE(apart.cosine, 0.9999);
    if (precision == plan::Precision::kF32) {
      EXPECT_LE(apart.relative, 1e-4);
    }
  }
}

TEST(LoweredGraph, SwinWithItsOwnLoops) {
  expect_runs(passes::TestSwin(2).build(), plan::Precision::kF16);
  expect_runs(passes::TestSwin(1).build(), plan::Precision::kF32);
}

ValueId conv(passes::TestGraph& g, ValueId x, int64_t out, int64_t kernel, int64_t pad,
             int64_t group) {
  const Conv op{{1, 1}, {1, 1}, {pad, pad}, {pad, pad}, group};
  return g.node(op, {x, g.weight({out, g.shape(x)[1] / group, kernel, kernel}), g.weight({out})});
}

TEST(LoweredGraph, ConvolutionsWithGatesAndPadding) {
  passes::TestGraph g;
  const ValueId x = g.input({2, 3, 7, 7});
  const ValueId y = g.unary(UnaryKind::kHardSwish, conv(g, x, 8, 3, 1, 1));
  const ValueId z = g.unary(UnaryKind::kRelu, conv(g, y, 8, 5, 2, 8));
  const ValueId mean = g.node(Reduce{ReduceKind::kMean, {2, 3}, true}, {z});
  const ValueId gated = g.mul(z, g.unary(UnaryKind::kSigmoid, conv(g, mean, 8, 1, 0, 1)));
  const ValueId sum = g.unary(UnaryKind::kRelu, g.add(conv(g, gated, 8, 3, 1, 1), y));
  const ValueId pooled = g.node(Reduce{ReduceKind::kMax, {2, 3}, false}, {sum});
  const Graph graph = g.finish({g.node(Softmax{1, false}, {pooled}), sum});
  expect_runs(graph, plan::Precision::kF16);
  expect_runs(graph, plan::Precision::kF32);
}

TEST(LoweredGraph, MovementThatNoViewCanFollow) {
  passes::TestGraph g;
  const ValueId x = g.input({1, 12, 16});
  const ValueId y = g.unary(UnaryKind::kExp, x);
  std::vector<int64_t> order;
  for (int64_t i = 0; i < 24; ++i) order.push_back(i * 5 % 24);
  const ValueId mixed = g.node(Gather{0}, {g.reshape(y, {24, 8}), g.indices(order)});
  const ValueId out = g.linear(g.reshape(mixed, {12, 16}), 16);
  const Graph graph = g.finish({out, y, g.transpose(y, {0, 2, 1}), x});
  expect_runs(graph, plan::Precision::kF16);
  expect_runs(graph, plan::Precision::kF32);
}

/// All of a plan that holds what the inputs make of it, without tensor cores.
void expect_all_runs(const Graph& graph) {
  const auto prepared = plan::prepare(graph);
  ASSERT_TRUE(prepared.has_value()) << prepared.error().text();
  const std::vector<Tensor> inputs = passes::random_inputs(graph, 5);
  plan::LoweredGraph lowered(*prepared, plan::Precision::kF16, {inputs});
  const EmulatedSteps steps(lowered.plan(), Which::kAll);
  const auto wanted = reference::execute(graph, inputs);
  ASSERT_TRUE(wanted.has_value()) << wanted.error().text();
  plan::HostMemory memory(lowered.plan(), inputs);
  for (size_t i = 0; i < lowered.plan().steps.size(); ++i) steps(i, memory);
  const Tensor got = memory.read(lowered.plan().outputs[0].buffer);
  EXPECT_GE(plan::difference((*wanted)[0], got).cosine, 0.9999) << lowered.steps();
}

TEST(LoweredGraph, WithoutTensorCores) {
  expect_all_runs(passes::TestSwin(2).build());
  expect_all_runs(plan::quantised_mlp());
  expect_all_runs(plan::growing_stream());
}

TEST(LoweredGraph, RandomGraphs) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE("graph " + std::to_string(seed));
    Random random(seed);
    expect_runs(random_graph(random, 30), plan::Precision::kF32);
  }
}

}  // namespace
}  // namespace nitro::cuda
