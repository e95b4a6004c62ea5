#include <fmt/format.h>

#include "cuda/config_text.h"
#include "cuda/kernel_text.h"
#include "cuda/program_families.h"
#include "cuda/program_gemm_simt.h"
#include "cuda_embedded.h"

namespace nitro::cuda {
namespace {

std::string_view kernel_of(const GemmTile& tile) {
  if (!tile.panels) return "GemmMma<Config>";
  return tile.wgmma ? "GemmPanels<Config, PanelWgmma<Config>>"
                    : "GemmPanels<Config, PanelMma<Config>>";
}

std::string family_text(const GemmTile& tile) {
  std::string text;
  const auto add = [&](std::string_view part) { text += fmt::format("{}\n", part); };
  add(embedded::prelude_cuh);
  add(embedded::mma_cuh);
  add(embedded::tile_cuh);
  add(embedded::gemm_finish_cuh);
  if (!tile.panels) {
    add(embedded::gemm_mma_cuh);
    return text;
  }
  if (tile.wgmma) add(multiply_tile_text(tile.n));
  add(tile.wgmma ? embedded::panel_wgmma_cuh : embedded::panel_mma_cuh);
  add(embedded::panel_finish_cuh);
  add(embedded::gemm_panels_cuh);
  return text;
}

std::string entry_text(const plan::Plan& plan, const plan::Gemm& gemm, const GemmTile& tile) {
  const plan::Kernel kernel = gemm;
  const auto p = [&](plan::BufferId buffer) { return parameter(kernel, buffer); };
  const auto operand = [&](plan::BufferId buffer) {
    return gemm.pairs ? fmt::format("reinterpret_cast<const f16*>({})", p(buffer)) : p(buffer);
  };
  return fmt::format(
      "extern \"C\" __global__ void __launch_bounds__({}) step({}) {{\n"
      "  extern __shared__ __align__(128) unsigned char shared[];\n"
      "  const GemmPointers pointers = {{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, "
      "{}}};\n"
      "  {}::run({}, {}, {}, {}, pointers, shared);\n}}\n",
      tile.threads(), parameters(plan, kernel), p(gemm.a.bases), p(gemm.a.offsets), p(gemm.b.bases),
      p(gemm.b.offsets), p(gemm.bias), p(gemm.column_sums), p(gemm.column_scales),
      p(gemm.residual.bases), p(gemm.residual.offsets), p(gemm.out.bases), p(gemm.out.offsets),
      p(gemm.row_parts_in), p(gemm.row_part_bases), written_parameter(kernel, gemm.row_parts_out),
      kernel_of(tile), operand(gemm.a.buffer), operand(gemm.b.buffer), p(gemm.residual.buffer),
      written_parameter(kernel, gemm.out.buffer));
}

}  // namespace

Result<Program> program_of(const plan::Plan& plan, const plan::Gemm& gemm, const Target& target) {
  const std::optional<GemmTile> tile = gemm_tile(plan, gemm, target);
  const bool unpacked =
      tile && tile->panels && (gemm.packed_rows != tile->n || gemm.packed_columns != 0);
  if (!tile || unpacked) return simt_program(plan, gemm, target);
  Program program;
  program.source = family_text(*tile);
  program.source += gemm_config("Config", plan, gemm, *tile) + entry_text(plan, gemm, *tile);
  const int64_t tiles = (gemm.m + tile->m - 1) / tile->m * ((gemm.n + tile->n - 1) / tile->n);
  program.grid = {tiles * tile->cluster, gemm.batch, 1};
  const auto bytes = [&](const plan::MatrixView& view) {
    return gemm.pairs ? 2 : size_of(plan.buffers[view.buffer].type.dtype);
  };
  program.operand_bytes =
      tiles * gemm.batch * gemm.k * (tile->m * bytes(gemm.a) + tile->n * bytes(gemm.b));
  program.cluster = tile->cluster;
  program.threads = tile->threads();
  program.shared_bytes = shared_bytes(*tile);
  program.arithmetic = gemm.pairs ? Arithmetic::kTensorInt8 : Arithmetic::kTensor;
  program.variant = fmt::format("{}{} {}x{}x{}, {} stages", tile->wgmma ? "wgmma" : "mma",
                                gemm.pairs ? " int8" : "", tile->m, tile->n,
                                tile->segment * (gemm.pairs ? 2 : 1), tile->stages);
  if (tile->cluster > 1) program.variant += fmt::format(", {} blocks", tile->cluster);
  return program;
}

}  // namespace nitro::cuda
