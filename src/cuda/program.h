#pragma once

#include <array>
#include <string>

#include "cuda/arithmetic.h"
#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// A kernel for one step, ready to be compiled and launched. Its entry is
/// `extern "C" __global__ void step(p0, p1, …)`, the pointers in the order of plan::reads() and
/// then plan::writes().
struct Program {
  std::string source;  // complete: the prelude, the family, the constants of the step
  std::array<int64_t, 3> grid = {1, 1, 1};
  int64_t threads = 1;       // of a block
  int64_t shared_bytes = 0;  // dynamic
  int64_t cluster = 1;       // blocks along x that share memory; the grid's x is a multiple
  std::string variant;       // for people: "mma 64x64x64, 4 stages"
  Arithmetic arithmetic = Arithmetic::kF32;
  /// What all blocks together read of the operands, in bytes: what several of them read counts for
  /// each, so that it can be many times the operands' size. 0: not known.
  int64_t operand_bytes = 0;
  bool operator==(const Program&) const = default;
};

/// The program of `step` by the rules for `target`. Fails with kUnsupportedOp if no family can do
/// the step there.
Result<Program> program_for(const plan::Plan& plan, const plan::Step& step, const Target& target);

}  // namespace nitro::cuda
