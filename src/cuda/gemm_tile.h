#pragma once

#include <optional>

#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// How a product is cut for a tensor core kernel: kernels/gemm_mma.cuh, or kernels/gemm_wgmma.cuh.
struct GemmTile {
  int64_t m = 0;
  int64_t n = 0;
  int64_t segment = 0;  // of k
  int64_t stages = 0;
  int64_t warps_m = 1;
  int64_t warps_n = 1;
  int64_t warps_k = 1;
  bool wgmma = false;
  bool operator==(const GemmTile&) const = default;

  int64_t threads() const { return 32 * warps_m * warps_n * warps_k; }
};

/// Dynamic shared memory of a block in bytes.
int64_t shared_bytes(const GemmTile& tile);

/// The tile for a product by an estimate of the time of its busiest multiprocessor; nothing where no
/// tensor core kernel can compute it (before compute capability 8.0, other types than f16 for b, k
/// not a multiple of 16, a normalised a without column_sums). Where `a` lies in panels in the order of
/// its rows, that of the wgmma kernel.
std::optional<GemmTile> gemm_tile(const plan::Plan& plan, const plan::Gemm& gemm,
                                  const Target& target);

/// The tile of the wgmma kernel if `a` lay in panels; nothing where it cannot compute the product.
std::optional<GemmTile> wgmma_tile(const plan::Plan& plan, const plan::Gemm& gemm,
                                   const Target& target);

}  // namespace nitro::cuda
