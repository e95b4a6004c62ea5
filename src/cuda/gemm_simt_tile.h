#pragma once

#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// How a product is cut for the kernel without tensor cores (kernels/gemm_simt.cuh).
struct GemmSimtTile {
  int64_t rows_each = 8;  // of the result, of a thread, which has 8 columns
  int64_t thread_rows = 0;
  int64_t thread_columns = 0;
  int64_t segment = 0;  // of k
  /// That a block computes one after another, if more than one with all k of its rows in shared
  /// memory.
  int64_t column_tiles = 1;
  bool operator==(const GemmSimtTile&) const = default;

  int64_t threads() const { return thread_rows * thread_columns; }
  int64_t m() const { return thread_rows * rows_each; }
  int64_t n() const { return thread_columns * 8; }
  int64_t blocks(const plan::Gemm& gemm) const;
};

/// The tile with the least time of the busiest multiprocessor by an estimate, for elements that are
/// multiplied as 1, 2 or 4 bytes each.
GemmSimtTile gemm_simt_tile(const plan::Gemm& gemm, int64_t element_bytes, const Target& target);

}  // namespace nitro::cuda
