// How much of one multiprocessor's rate of half-precision products the kernel for GPUs without
// tensor cores reaches, on every product of Swin-T, ViT-S and ViT-B: blocks on the other
// multiprocessors leave at once. Results are compared with float64.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cuda/engine.h"
#include "cuda/program_gemm_simt.h"
#include "cuda/roofs.h"
#include "cuda/sample_steps.h"
#include "cuda/tuning.h"

namespace nitro::cuda {
namespace {

constexpr size_t kRuns = 20;
constexpr int64_t kCounterStep = 0, kProductStep = 1;

plan::BufferId add_counter(plan::Plan& plan) {
  plan.buffers.push_back({plan::Buffer::Kind::kArena, {DType::kI32, {1}}, plan.arena_bytes});
  plan.arena_bytes += plan::kAlignment;
  return static_cast<plan::BufferId>(plan.buffers.size() - 1);
}

/// The product as a step whose last argument is a counter, and before it one that clears that.
plan::Plan counted(const SampleStep& sample) {
  plan::Plan plan = sample.plan;
  const plan::BufferId counter = add_counter(plan);
  plan::Loop clear{.elements = 1, .body = "store(p0, i, 0);\n", .writes = {counter}};
  plan::Loop product{.elements = 1,
                     .reads = plan::reads(sample.step().kernel),
                     .writes = plan::writes(sample.step().kernel)};
  product.writes.push_back(counter);
  plan.steps = {{"clear", std::move(clear), {}}, {sample.name, std::move(product), {}}};
  return plan;
}

Result<Engine> load(const SampleStep& sample) {
  EngineOptions options;
  options.tuning = std::make_shared<const Tuning>();
  options.poison = true;  // as mismatch() expects of what lies between rows
  options.specialise = [](plan::Plan plan, const Target&) { return plan; };
  options.program_for = [&](const plan::Plan& plan, const plan::Step& step, const Target& target) {
    if (step.name == "clear") return program_for(plan, step, target);
    return simt_program_on_one(sample.plan, std::get<plan::Gemm>(sample.step().kernel), target);
  };
  return Engine::load(counted(sample), std::move(options));
}

/// The shortest of some runs, in nanoseconds, less what the clearing step takes.
Result<double> time_of(Engine& engine) {
  const size_t steps[] = {kCounterStep, kCounterStep, kProductStep};
  const Recording with_more_clearing = TRY(engine.record(steps));
  const std::vector<const Recording*> order(kRuns, &engine.recording());
  const std::vector<const Recording*> longer(kRuns, &with_more_clearing);
  const double once = std::ranges::min(TRY(engine.times(order)));
  const double more = std::ranges::min(TRY(engine.times(longer)));
  return once - std::max(0.0, more - once);
}

/// One line of the table; the share of `peak` FLOP/s.
Result<double> measure(const SampleGemm& gemm, double peak) {
  const SampleStep sample = sample_step(gemm);
  Engine engine = TRY(load(sample));
  TRY(engine.run());
  TRY(engine.synchronize());
  const Tensor result = TRY(engine.output(0));
  if (const auto wrong = mismatch(expected(sample, Sums::kF16Chunks), result)) {
    return fail(ErrorCode::kInternal, "{}: {}", sample.name, *wrong);
  }
  const double ns = TRY(time_of(engine));
  const double flops = 2.0 * static_cast<double>(gemm.m * gemm.n * gemm.k) / ns * 1e9;
  fmt::print("{:32} {:9.1f} us {:7.1f} GFLOP/s {:5.1f} %  {}\n", sample.name, ns / 1e3, flops / 1e9,
             100 * flops / peak, engine.kernels()[kProductStep].program.variant);
  std::fflush(stdout);
  return flops / peak;
}

Result<void> measure_all() {
  const auto device = TRY(Device::open(0));
  const GpuRoofs roofs = TRY(measure_gpu_roofs(*device, 0, {}));
  const double peak = roofs.fp16_flops / static_cast<double>(device->target().multiprocessors);
  fmt::print("# {}: {:.1f} GFLOP/s in f16 by one of {} multiprocessors\n", device->name(),
             peak / 1e9, device->target().multiprocessors);
  double least = 1;
  for (const SampleGemm& gemm : model_gemms(1)) {
    least = std::min(least, TRY(measure(gemm, peak)));
  }
  fmt::print("the least: {:.1f} %\n", 100 * least);
  return {};
}

}  // namespace
}  // namespace nitro::cuda

int main() {
  const auto done = nitro::cuda::measure_all();
  if (done) return 0;
  fmt::print(stderr, "gpu_simt: {}\n", done.error().text());
  return done.error().code == nitro::ErrorCode::kEnvironment ? 4 : 1;
}
