#pragma once

#include <optional>

#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// How a product is cut for the tensor core kernel (kernels/gemm_mma.cuh).
struct GemmTile {
  int64_t m = 0;
  int64_t n = 0;
  int64_t segment = 0;  // of k
  int64_t stages = 0;
  int64_t warps_m = 1;
  int64_t warps_n = 1;
  int64_t warps_k = 1;
  bool operator==(const GemmTile&) const = default;

  int64_t threads() const { return 32 * warps_m * warps_n * warps_k; }
};

/// Dynamic shared memory of a block in bytes.
int64_t shared_bytes(const GemmTile& tile);

/// The tile for a product by an estimate of the time of its busiest multiprocessor; nothing where the
/// tensor core kernel cannot compute it (before compute capability 8.0, other types than f16 for b, k
/// not a multiple of 16).
std::optional<GemmTile> gemm_tile(const plan::Plan& plan, const plan::Gemm& gemm,
                                  const Target& target);

}  // namespace nitro::cuda
