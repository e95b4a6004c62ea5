#include "cuda/roof_probes.h"

#include <fmt/format.h>

#include <algorithm>

#include "cuda_embedded.h"

namespace nitro::cuda {
namespace {

constexpr int kFirstWithHalves = 53;
constexpr int kFirstWithDots = 61;         // of four 8-bit integers
constexpr int kFirstWithTensorCores = 80;  // whose mma.sync takes 16 x 16 x 8

/// Threads that keep every multiprocessor busy and fit on it at the same time, on each device.
constexpr int64_t kThreads = 256;
constexpr int64_t kBlocksEach = 4;

constexpr int64_t kPiece = 16;  // bytes that a thread copies at once
constexpr int64_t kLeastCache = 64 << 10;
constexpr int64_t kMostInCache = 8 << 20;
constexpr int64_t kCachePasses = 64;
constexpr int64_t kLeastCopy = 32 << 20;
constexpr int64_t kMostCopy = 256 << 20;

constexpr size_t kLongSteps = 2;    // of kernels that run for tens of microseconds and more
constexpr size_t kShortSteps = 64;  // twice as many still wait together before the first one runs

std::string source_of(const std::vector<std::string_view>& parts, std::string_view parameters,
                      std::string_view body) {
  std::string source(embedded::prelude_cuh);
  for (const std::string_view part : parts) source += fmt::format("\n{}", part);
  return source + fmt::format(
                      "\nextern \"C\" __global__ void __launch_bounds__({}) step({}) {{\n"
                      "  let_next_start();\n  wait_for_previous();\n{}}}\n",
                      kThreads, parameters, body);
}

/// Reads and writes `bytes` each, `passes` times.
RoofProbe copy_probe(double GpuRoofs::*roof, int64_t bytes, int64_t passes, const Target& target) {
  const int64_t pieces = bytes / kPiece;
  RoofProbe probe{.roof = roof, .steps = kLongSteps};
  probe.read_bytes = probe.write_bytes = pieces * kPiece;
  probe.work = 2.0 * static_cast<double>(probe.read_bytes) * static_cast<double>(passes);
  probe.program.source = source_of({embedded::roof_copy_cuh}, "const uint4* p0, uint4* p1",
                                   fmt::format("  copy_pieces<{}>(p0, p1, {});\n", passes, pieces));
  probe.program.grid = {target.multiprocessors * kBlocksEach, 1, 1};
  probe.program.threads = kThreads;
  probe.program.variant = fmt::format("copy of {} bytes, {} times", probe.read_bytes, passes);
  return probe;
}

/// Reads `bytes`, `passes` times.
RoofProbe read_probe(double GpuRoofs::*roof, int64_t bytes, int64_t passes, const Target& target) {
  const int64_t pieces = bytes / kPiece;
  RoofProbe probe = copy_probe(roof, bytes, passes, target);
  probe.write_bytes = probe.program.grid[0] * kThreads * static_cast<int64_t>(sizeof(unsigned));
  probe.work = static_cast<double>(probe.read_bytes) * static_cast<double>(passes);
  probe.program.source = source_of({embedded::roof_copy_cuh}, "const uint4* p0, unsigned* p1",
                                   fmt::format("  read_pieces<{}>(p0, p1, {});\n", passes, pieces));
  probe.program.variant = fmt::format("read of {} bytes, {} times", probe.read_bytes, passes);
  return probe;
}

/// A kind of chains of kernels/roof_arithmetic.cuh.
struct Chains {
  std::string_view name;
  std::vector<std::string_view> parts;
  int64_t rounds = 0;           // a multiple of 8
  int64_t flops_of_thread = 0;  // in each
};

RoofProbe arithmetic_probe(double GpuRoofs::*roof, const Chains& chains, const Target& target) {
  const int64_t blocks = target.multiprocessors * kBlocksEach;
  const int64_t threads = blocks * kThreads;
  RoofProbe probe{.roof = roof, .steps = kLongSteps};
  probe.work = static_cast<double>(threads * chains.rounds * chains.flops_of_thread);
  probe.write_bytes = threads * static_cast<int64_t>(sizeof(float));
  probe.program.source =
      source_of(chains.parts, "float* p0",
                fmt::format("  run_chains<{}, {}>(p0);\n", chains.name, chains.rounds));
  probe.program.grid = {blocks, 1, 1};
  probe.program.threads = kThreads;
  probe.program.variant = fmt::format("{}, {} rounds", chains.name, chains.rounds);
  return probe;
}

RoofProbe empty_probe() {
  RoofProbe probe{.roof = &GpuRoofs::launch_ns, .steps = kShortSteps};
  probe.write_bytes = sizeof(float);
  probe.program.source = source_of({}, "float*", "");
  probe.program.threads = 32;
  probe.program.variant = "empty";
  return probe;
}

RoofProbe smallest_step_probe(const Target& target) {
  RoofProbe probe =
      copy_probe(&GpuRoofs::step_ns, target.multiprocessors * kThreads * kPiece, 1, target);
  probe.work = 0;
  probe.steps = kShortSteps;
  probe.program.grid = {target.multiprocessors, 1, 1};
  return probe;
}

plan::BufferId add_port(plan::Plan& plan, plan::Buffer::Kind kind, int64_t bytes) {
  auto& ports = kind == plan::Buffer::Kind::kInput ? plan.inputs : plan.outputs;
  const auto id = static_cast<plan::BufferId>(plan.buffers.size());
  plan.buffers.push_back({kind, {DType::kU8, {bytes}}, static_cast<int64_t>(ports.size())});
  ports.push_back({fmt::format("port{}", id), id});
  return id;
}

}  // namespace

std::vector<RoofProbe> roof_probes(const Target& target, int64_t cache_bytes) {
  std::vector<RoofProbe> probes;
  probes.push_back(arithmetic_probe(
      &GpuRoofs::fp32_flops, {"F32Chains", {embedded::roof_arithmetic_cuh}, 4096, 8 * 2}, target));
  if (target.compute_capability >= kFirstWithHalves) {
    probes.push_back(arithmetic_probe(&GpuRoofs::fp16_flops,
                                      {"F16Chains", {embedded::roof_arithmetic_cuh}, 4096, 8 * 4},
                                      target));
  }
  if (target.compute_capability >= kFirstWithDots) {
    probes.push_back(arithmetic_probe(&GpuRoofs::int8_flops,
                                      {"Int8Chains", {embedded::roof_arithmetic_cuh}, 4096, 8 * 8},
                                      target));
  }
  if (target.compute_capability >= kFirstWithTensorCores) {
    constexpr int64_t kFlopsOfThread = 2 * 16 * 16 * 8 / 32;
    const std::vector<std::string_view> parts = {embedded::mma_cuh, embedded::roof_arithmetic_cuh,
                                                 embedded::roof_tensor_cuh};
    probes.push_back(
        arithmetic_probe(&GpuRoofs::tensor_flops,
                         {"TensorChains<HalfProducts>", parts, 1024, 4 * kFlopsOfThread}, target));
    probes.push_back(arithmetic_probe(
        &GpuRoofs::tensor_int8_flops,
        {"TensorChains<IntegerProducts<false>>", parts, 1024, 4 * 2 * kFlopsOfThread}, target));
  }
  // Several times what the cache holds, so that little of it is found there.
  probes.push_back(copy_probe(&GpuRoofs::copy_bytes_per_s,
                              std::clamp(4 * cache_bytes, kLeastCopy, kMostCopy), 1, target));
  if (cache_bytes >= kLeastCache) {
    const int64_t held = std::min(kMostInCache, cache_bytes / 2);
    probes.push_back(copy_probe(&GpuRoofs::cache_copy_bytes_per_s, held / 2, kCachePasses, target));
    probes.push_back(read_probe(&GpuRoofs::cache_read_bytes_per_s, held, kCachePasses, target));
  }
  probes.push_back(empty_probe());
  probes.push_back(smallest_step_probe(target));
  return probes;
}

plan::Plan probe_plan(const RoofProbe& probe, size_t steps) {
  plan::Plan plan;
  plan.name = probe.program.variant;
  plan::Loop loop;
  loop.elements = probe.write_bytes;
  if (probe.read_bytes > 0) {
    loop.reads = {add_port(plan, plan::Buffer::Kind::kInput, probe.read_bytes)};
  }
  loop.writes = {add_port(plan, plan::Buffer::Kind::kOutput, probe.write_bytes)};
  for (size_t i = 0; i < steps; ++i) {
    plan.steps.push_back({fmt::format("{} {}", plan.name, i), loop, {}});
  }
  return plan;
}

}  // namespace nitro::cuda
