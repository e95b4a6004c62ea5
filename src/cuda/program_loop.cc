#include <fmt/format.h>

#include <algorithm>

#include "cuda/kernel_text.h"
#include "cuda/program_families.h"
#include "cuda_embedded.h"

namespace nitro::cuda {
namespace {

constexpr int64_t kMostThreads = 256;
constexpr int64_t kLeastThreads = 64;

int64_t blocks_of(const plan::Loop& loop, int64_t threads) {
  return std::max<int64_t>(1, (loop.elements * loop.lanes + threads - 1) / threads);
}

/// Smaller blocks where larger ones would leave multiprocessors without any.
int64_t threads_for(const plan::Loop& loop, const Target& target) {
  int64_t threads = kMostThreads;
  while (threads > kLeastThreads && blocks_of(loop, threads) < target.multiprocessors) threads /= 2;
  return threads;
}

std::string entry_text(const plan::Plan& plan, const plan::Loop& loop, int64_t threads) {
  const bool wide = loop.elements * loop.lanes + threads > std::numeric_limits<int32_t>::max();
  const std::string_view type = wide ? "long long" : "int";
  std::string text = fmt::format(
      "extern \"C\" __global__ void __launch_bounds__({}) step({}) {{\n"
      "  let_next_start();\n"
      "  wait_for_previous();\n"
      "  const {} thread = static_cast<{}>(blockIdx.x) * {} + static_cast<int>(threadIdx.x);\n",
      threads, parameters(plan, loop), type, type, threads);
  if (loop.lanes == 1) {
    text += fmt::format("  const {} i = thread;\n", type);
  } else {
    text += fmt::format(
        "  const {0} i = thread / {1};\n  const int lane = static_cast<int>(thread % {1});\n", type,
        loop.lanes);
  }
  return text + fmt::format("  if (i >= {}) return;\n", loop.elements) + loop.body + "}\n";
}

}  // namespace

Result<Program> program_of(const plan::Plan& plan, const plan::Loop& loop, const Target& target) {
  Program program;
  program.threads = threads_for(loop, target);
  program.grid = {blocks_of(loop, program.threads), 1, 1};
  program.source = fmt::format("{}\n{}\n{}", embedded::prelude_cuh, loop.functions,
                               entry_text(plan, loop, program.threads));
  program.variant = fmt::format("{} threads", program.threads);
  return program;
}

}  // namespace nitro::cuda
