#include <fmt/format.h>

#include "cuda/gemm_tile.h"
#include "cuda/kernel_text.h"
#include "cuda/program_families.h"
#include "cuda/program_gemm_simt.h"
#include "cuda_embedded.h"

namespace nitro::cuda {
namespace {

std::string view_text(std::string_view name, const plan::MatrixView& view, int64_t columns) {
  return fmt::format(
      "  struct {} {{\n"
      "    static constexpr bool kBases = {}, kOffsets = {};\n"
      "    static constexpr int kPanelRows = {}, kColumns = {}, kRowStride = {}, kColumnStride = {}, kBatchStride = {}, kRun = {};\n"
      "  }};\n",
      name, view.bases != plan::kNoBuffer, view.offsets != plan::kNoBuffer, view.panel_rows, columns, view.row_stride,
      view.column_stride, view.batch_stride, view.run);
}

std::string_view type_of(const plan::Plan& plan, plan::BufferId buffer) {
  return buffer == plan::kNoBuffer ? "f16" : element_type(plan.buffers[buffer].type.dtype);
}

std::string config_text(const plan::Plan& plan, const plan::Gemm& gemm, const GemmTile& tile) {
  const bool constant = plan.buffers[gemm.b.buffer].kind == plan::Buffer::Kind::kConstant;
  std::string text = fmt::format(
      "struct Config {{\n  typedef {} A;\n  typedef {} B;\n  typedef {} R;\n  typedef {} O;\n",
      type_of(plan, gemm.a.buffer), type_of(plan, gemm.b.buffer), type_of(plan, gemm.residual.buffer),
      type_of(plan, gemm.out.buffer));
  text += fmt::format(
      "  static constexpr int kM = {}, kN = {}, kK = {}, kTileM = {}, kTileN = {}, kSegment = {}, kStages = "
      "{}, kWarpsM = {}, kWarpsN = {}, kWarpsK = {}, kCluster = {}, kActivation = {};\n",
      gemm.m, gemm.n, gemm.k, tile.m, tile.n, tile.segment, tile.stages, tile.warps_m, tile.warps_n,
      tile.warps_k, tile.cluster, static_cast<int>(gemm.activation));
  text += fmt::format(
      "  static constexpr bool kNormalize = {}, kHasBias = {}, kHasResidual = {}, kBConstant = {}, kBPacked "
      "= {}, kReadsRowParts = {}, kWritesRowParts = {}, kRowPartBases = {};\n",
      gemm.normalize, gemm.bias != plan::kNoBuffer, gemm.residual.buffer != plan::kNoBuffer, constant,
      gemm.packed_rows > 0, gemm.row_parts_in != plan::kNoBuffer, gemm.row_parts_out != plan::kNoBuffer,
      gemm.row_part_bases != plan::kNoBuffer);
  text += fmt::format("  static constexpr float kEpsilon = {}, kAlpha = {};\n", literal(gemm.epsilon),
                      literal(gemm.alpha));
  return text + view_text("AView", gemm.a, gemm.k) + view_text("BView", gemm.b, gemm.k) +
         view_text("RView", gemm.residual, gemm.n) + view_text("OView", gemm.out, gemm.n) + "};\n";
}

/// multiply_tile() of kernels/panel_wgmma.cuh for tiles of `columns`: the instruction's name and its
/// operands hold that number.
std::string multiply_tile_text(int64_t columns) {
  std::string sums, operands;
  const int64_t count = columns / 2;
  for (int64_t i = 0; i < count; ++i) {
    sums += fmt::format("{}%{}", i == 0 ? "" : ", ", i);
    operands += fmt::format("{}\"+f\"(d[{}])", i == 0 ? "" : ", ", i);
  }
  return fmt::format(
      "__device__ __forceinline__ void multiply_tile(float (&d)[{0}], unsigned long long a, unsigned long long b) {{\n"
      "  asm volatile(\"wgmma.mma_async.sync.aligned.m64n{1}k16.f32.f16.f16 {{{2}}}, %{0}, %{3}, 1, 1, 1, 0, 0;\"\n"
      "               : {4}\n               : \"l\"(a), \"l\"(b));\n}}\n",
      count, columns, sums, count + 1, operands);
}

std::string_view kernel_of(const GemmTile& tile) {
  if (!tile.panels) return "GemmMma<Config>";
  return tile.wgmma ? "GemmPanels<Config, PanelWgmma<Config>>" : "GemmPanels<Config, PanelMma<Config>>";
}

std::string entry_text(const plan::Plan& plan, const plan::Gemm& gemm, const GemmTile& tile) {
  const plan::Kernel kernel = gemm;
  const auto p = [&](plan::BufferId buffer) { return parameter(kernel, buffer); };
  return fmt::format(
      "extern \"C\" __global__ void __launch_bounds__({}) step({}) {{\n"
      "  extern __shared__ __align__(128) unsigned char shared[];\n"
      "  const GemmPointers pointers = {{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}};\n"
      "  {}::run({}, {}, {}, {}, pointers, shared);\n}}\n",
      tile.threads(), parameters(plan, kernel), p(gemm.a.bases), p(gemm.a.offsets), p(gemm.b.bases),
      p(gemm.b.offsets), p(gemm.bias), p(gemm.column_sums), p(gemm.residual.bases), p(gemm.residual.offsets),
      p(gemm.out.bases), p(gemm.out.offsets), p(gemm.row_parts_in), p(gemm.row_part_bases),
      written_parameter(kernel, gemm.row_parts_out), kernel_of(tile), p(gemm.a.buffer),
      p(gemm.b.buffer), p(gemm.residual.buffer), written_parameter(kernel, gemm.out.buffer));
}

}  // namespace

Result<Program> program_of(const plan::Plan& plan, const plan::Gemm& gemm, const Target& target) {
  const std::optional<GemmTile> tile = gemm_tile(plan, gemm, target);
  const bool unpacked = tile && tile->panels && (gemm.packed_rows != tile->n || gemm.packed_columns != 0);
  if (!tile || unpacked) return simt_program(plan, gemm, target);
  Program program;
  program.source = fmt::format("{}\n{}\n{}\n{}\n", embedded::prelude_cuh, embedded::mma_cuh, embedded::tile_cuh,
                               embedded::gemm_finish_cuh);
  program.source += tile->panels ? embedded::gemm_panels_cuh : embedded::gemm_mma_cuh;
  if (tile->wgmma) {
    program.source += multiply_tile_text(tile->n);
    program.source += embedded::panel_wgmma_cuh;
  }
  program.source += config_text(plan, gemm, *tile) + entry_text(plan, gemm, *tile);
  const int64_t tiles = (gemm.m + tile->m - 1) / tile->m * ((gemm.n + tile->n - 1) / tile->n);
  program.grid = {tiles * tile->cluster, gemm.batch, 1};
  program.cluster = tile->cluster;
  program.threads = tile->threads();
  program.shared_bytes = shared_bytes(*tile);
  program.arithmetic = Arithmetic::kTensor;
  program.variant = fmt::format("{} {}x{}x{}, {} stages", tile->wgmma ? "wgmma" : "mma", tile->m, tile->n,
                                tile->segment, tile->stages);
  if (tile->cluster > 1) program.variant += fmt::format(", {} blocks", tile->cluster);
  return program;
}

}  // namespace nitro::cuda
