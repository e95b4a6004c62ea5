#include "reference/product.h"

#include <cstring>

namespace nitro::reference {

// Products of f32, f16 and integers up to 26 bits are exact in double, so that fused and separate
// multiply-adds agree and every instruction set gives the same sums for them.
#if defined(__x86_64__)
__attribute__((target_clones("avx512f", "arch=haswell", "default")))
#endif
void accumulate_panel(int64_t inner, const double* rows, const double* panel, double* sums) {
  using Row = double __attribute__((vector_size(sizeof(double) * kPanelColumns), aligned(8)));
  Row sum[kBlockRows];
  std::memcpy(sum, sums, sizeof(sum));
  for (int64_t k = 0; k < inner; ++k) {
    Row x;
    std::memcpy(&x, panel + k * kPanelColumns, sizeof(x));
    for (int64_t r = 0; r < kBlockRows; ++r) sum[r] += rows[k * kBlockRows + r] * x;
  }
  std::memcpy(sums, sum, sizeof(sum));
}

}  // namespace nitro::reference
