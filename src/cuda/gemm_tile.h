#pragma once

#include <optional>
#include <vector>

#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// How a product is cut for a tensor core kernel: kernels/gemm_mma.cuh, or kernels/gemm_panels.cuh.
struct GemmTile {
  int64_t m = 0;
  int64_t n = 0;
  int64_t segment = 0;  // of k
  int64_t stages = 0;
  int64_t warps_m = 1;
  int64_t warps_n = 1;
  int64_t warps_k = 1;
  bool panels = false;  // a lies in panels of m rows
  bool wgmma = false;   // with panels: by asynchronous tensor cores
  int64_t cluster = 1;  // with panels: blocks that share the k of a tile
  bool operator==(const GemmTile&) const = default;

  int64_t threads() const { return 32 * warps_m * warps_n * warps_k; }
};

/// Dynamic shared memory of a block in bytes.
int64_t shared_bytes(const GemmTile& tile);

/// The tiles that the tensor core kernels can compute a product in, the fastest first by an
/// estimate of the time of the busiest multiprocessor; none before compute capability 8.0, for
/// b of other types than f16, or 8-bit integers with an a of floats, or pairs; wide operands; k not
/// a multiple of 16, a normalised a without column_sums. `panels`: those for an a in panels, which
/// devices from 9.0 on take.
std::vector<GemmTile> gemm_tiles(const plan::Plan& plan, const plan::Gemm& gemm,
                                 const Target& target, bool panels);

/// The tile for a product as its operands lie: the tuned one (Target::tuning), or else the first.
std::optional<GemmTile> gemm_tile(const plan::Plan& plan, const plan::Gemm& gemm,
                                  const Target& target);
/// The same if a lay in panels of any size.
std::optional<GemmTile> panel_tile(const plan::Plan& plan, const plan::Gemm& gemm,
                                   const Target& target);

}  // namespace nitro::cuda
