#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace nitro::measure {

/// The loops that reach the ceilings, for one instruction set.
struct FloatKernels {
  std::string_view isa;
  /// Independent chains of multiply-add in registers; returns the floating-point operations done.
  double (*multiply_add)(int64_t iterations);
  /// Loads `count` floats (a multiple of kFloatsPerStep), `passes` times.
  void (*read)(const float* x, int64_t count, int64_t passes);
  /// y = a + 3·b over `count` floats (a multiple of kFloatsPerStep), `passes` times.
  void (*triad)(float* y, const float* a, const float* b, int64_t count, int64_t passes);
};

constexpr int64_t kFloatsPerStep = 128;

/// Independent chains of 8-bit dot products in registers; returns the operations done, a multiply
/// and an add being two.
struct Int8Kernel {
  std::string_view isa;
  double (*dot)(int64_t iterations);
};

/// Those that this processor can run, best first. The float ones always end with a portable one;
/// there may be no 8-bit one.
std::vector<FloatKernels> float_kernels();
std::vector<Int8Kernel> int8_kernels();

}  // namespace nitro::measure
