#include "measure/roof_flops.h"

namespace nitro::measure {
namespace {

// About 50 µs on a processor of today.
constexpr int64_t kIterations = 20'000;

}  // namespace

TeamRate measure_flops(const FloatKernels& kernels, int threads) {
  return measure_rate(threads, [&](int) -> Piece {
    return [run = kernels.multiply_add] { return run(kIterations); };
  });
}

TeamRate measure_int8_ops(const Int8Kernel& kernel, int threads) {
  return measure_rate(
      threads, [&](int) -> Piece { return [run = kernel.dot] { return run(kIterations); }; });
}

}  // namespace nitro::measure
