#include <fmt/format.h>

#include "cuda/config_text.h"
#include "cuda/kernel_text.h"
#include "cuda/program_families.h"
#include "cuda/projection_tile.h"
#include "cuda_embedded.h"

namespace nitro::cuda {

Result<Program> program_of(const plan::Plan& plan, const plan::WindowAttention& both,
                           const Target& target) {
  const auto& [projection, attention] = both;
  const std::optional<GemmTile> tile = projection_tile(plan, both, target);
  if (!tile || projection.packed_rows != tile->n || projection.a.panel_rows != tile->m) {
    return fail(ErrorCode::kUnsupportedOp,
                "an attention with its projection has no program for this device");
  }
  const plan::Kernel kernel = both;
  const auto p = [&](plan::BufferId buffer) { return parameter(kernel, buffer); };
  Program program;
  program.source =
      fmt::format("{}\n{}\n{}\n{}\n{}\n", embedded::prelude_cuh, embedded::mma_cuh,
                  embedded::tile_cuh, embedded::attention_mma_cuh, multiply_tile_text(tile->n));
  program.source += embedded::panel_wgmma_cuh;
  program.source += embedded::window_attention_cuh;
  program.source +=
      gemm_config("Projection", plan, projection, *tile) +
      attention_config("Heads", plan, attention, *attention_tile(plan, attention, target));
  program.source += fmt::format(
      "extern \"C\" __global__ void __launch_bounds__({}) step({}) {{\n"
      "  extern __shared__ __align__(128) unsigned char shared[];\n"
      "  WindowAttention<Projection, Heads>::run({}, {}, {}, {}, {}, {}, {}, {}, "
      "reinterpret_cast<f16*>(shared));\n}}\n",
      tile->threads(), parameters(plan, kernel), p(projection.a.buffer), p(projection.b.buffer),
      p(projection.bias), p(projection.column_sums), p(projection.row_parts_in),
      attention.bias == plan::kNoBuffer ? "static_cast<const f16*>(nullptr)" : p(attention.bias),
      p(attention.out_bases), written_parameter(kernel, attention.out.buffer));
  program.grid = {attention.heads, attention.batch, 1};
  program.operand_bytes =
      attention.heads * attention.batch * projection.k * (tile->m + tile->n) * size_of(DType::kF16);
  program.threads = tile->threads();
  program.shared_bytes = shared_bytes(both, *tile);
  program.arithmetic = Arithmetic::kTensor;
  program.variant = fmt::format("wgmma {}x{}x{}, {} stages, then mma", tile->m, tile->n,
                                tile->segment, tile->stages);
  return program;
}

}  // namespace nitro::cuda
