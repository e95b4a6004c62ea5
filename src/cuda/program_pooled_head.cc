#include <fmt/format.h>

#include "cuda/kernel_text.h"
#include "cuda/pooled_head.h"
#include "cuda/program_families.h"
#include "cuda_embedded.h"

namespace nitro::cuda {
namespace {

std::string config_text(const plan::Plan& plan, const plan::PooledHead& head) {
  const auto& [before, mean, product, after, out] = head;
  const auto is_there = [](plan::BufferId buffer) { return buffer != plan::kNoBuffer; };
  std::string text = fmt::format(
      "struct Config {{\n  typedef {} O;\n"
      "  static constexpr int kTokens = {}, kK = {}, kN = {}, kBlocks = {}, kThreads = {}, "
      "kRowWarps = {};\n",
      element_type(plan.buffers[out].type.dtype), mean.together, product.k, product.n, kHeadBlocks,
      kHeadThreads, kHeadRowWarps);
  text += fmt::format(
      "  static constexpr bool kNormalize = {}, kHasScale = {}, kHasShift = {}, kHasBias = {}, "
      "kNormalizeResult = {}, kHasResultScale = {}, kHasResultShift = {};\n",
      before.kind != plan::RowWork::Kind::kOther, is_there(before.scale), is_there(before.shift),
      is_there(product.bias), after.kind != plan::RowWork::Kind::kOther, is_there(after.scale),
      is_there(after.shift));
  return text + fmt::format("  static constexpr float kEpsilon = {}, kResultEpsilon = {};\n}};\n",
                            literal(before.epsilon), literal(after.epsilon));
}

}  // namespace

Result<Program> program_of(const plan::Plan& plan, const plan::PooledHead& head,
                           const Target& target) {
  if (target.compute_capability < 90) {
    return fail(ErrorCode::kUnsupportedOp, "a head has no program for this device");
  }
  const plan::Kernel kernel = head;
  const auto p = [&](plan::BufferId buffer) { return parameter(kernel, buffer); };
  Program program;
  program.source =
      fmt::format("{}\n{}\n{}\n{}\n{}", embedded::prelude_cuh, embedded::mma_cuh,
                  embedded::tile_cuh, embedded::pooled_head_cuh, config_text(plan, head));
  program.source += fmt::format(
      "extern \"C\" __global__ void __launch_bounds__({}) step({}) {{\n"
      "  extern __shared__ __align__(128) unsigned char shared[];\n"
      "  const PooledHeadPointers pointers = {{{}, {}, {}, {}, {}, {}, {}}};\n"
      "  typedef PooledHead<Config> Head;\n"
      "  static_assert(sizeof(Head::Shared) <= {}, \"shared memory\");\n"
      "  Head::run(pointers, {}, *reinterpret_cast<Head::Shared*>(shared));\n}}\n",
      kHeadThreads, parameters(plan, kernel), p(head.mean.x), p(head.product.b.buffer),
      p(head.product.bias), p(head.before.scale), p(head.before.shift), p(head.after.scale),
      p(head.after.shift), shared_bytes(head), written_parameter(kernel, head.out));
  program.grid = {head.product.m * kHeadBlocks, 1, 1};
  program.cluster = kHeadBlocks;
  program.threads = kHeadThreads;
  program.shared_bytes = shared_bytes(head);
  program.variant = fmt::format("{} threads, {} blocks", kHeadThreads, kHeadBlocks);
  return program;
}

}  // namespace nitro::cuda
