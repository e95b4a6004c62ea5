#include "cuda/config_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "cuda/kernel_text.h"

namespace nitro::cuda {
namespace {

std::string view_text(std::string_view name, const plan::MatrixView& view, int64_t columns) {
  return fmt::format(
      "  struct {} {{\n"
      "    static constexpr bool kBases = {}, kOffsets = {};\n"
      "    static constexpr int kPanelRows = {}, kColumns = {}, kRowStride = {}, kColumnStride = "
      "{}, kBatchStride = {}, kRun = {};\n"
      "  }};\n",
      name, view.bases != plan::kNoBuffer, view.offsets != plan::kNoBuffer, view.panel_rows,
      columns, view.row_stride, view.column_stride, view.batch_stride, view.run);
}

std::string_view type_of(const plan::Plan& plan, plan::BufferId buffer) {
  return buffer == plan::kNoBuffer ? "f16" : element_type(plan.buffers[buffer].type.dtype);
}

std::string view_text(std::string_view name, const plan::HeadView& view) {
  return fmt::format(
      "  struct {} {{\n    static constexpr int kStart = {}, kBatchStride = {}, kHeadStride = {}, "
      "kTokenStride = "
      "{};\n  }};\n",
      name, view.start, view.batch_stride, view.head_stride, view.token_stride);
}

}  // namespace

std::string epilogue_text(const plan::Plan& plan, const plan::Gemm& gemm) {
  const bool quantizes = gemm.quantum != 0;
  const bool is_signed = quantizes && plan.buffers[gemm.out.buffer].type.dtype == DType::kI8;
  return fmt::format(
      "  static constexpr bool kHasScales = {}, kQuantizes = {};\n"
      "  static constexpr float kPerQuantum = {}, kZero = {}, kLow = {}, kHigh = {};\n",
      gemm.column_scales != plan::kNoBuffer, quantizes, literal(quantizes ? 1 / gemm.quantum : 1),
      literal(static_cast<double>(gemm.zero)), literal(is_signed ? -128 : 0),
      literal(is_signed ? 127 : 255));
}

std::string gemm_config(std::string_view name, const plan::Plan& plan, const plan::Gemm& gemm,
                        const GemmTile& tile) {
  const bool constant = plan.buffers[gemm.b.buffer].kind == plan::Buffer::Kind::kConstant;
  std::string text = fmt::format(
      "struct {} {{\n  typedef {} A;\n  typedef {} B;\n  typedef {} R;\n  typedef {} O;\n", name,
      gemm.pairs ? "f16" : type_of(plan, gemm.a.buffer),
      gemm.pairs ? "f16" : type_of(plan, gemm.b.buffer), type_of(plan, gemm.residual.buffer),
      type_of(plan, gemm.out.buffer));
  text += fmt::format(
      "  static constexpr int kM = {}, kN = {}, kK = {}, kTileM = {}, kTileN = {}, kSegment = {}, "
      "kStages = "
      "{}, kWarpsM = {}, kWarpsN = {}, kWarpsK = {}, kCluster = {}, kActivation = {};\n",
      gemm.m, gemm.n, gemm.k, tile.m, tile.n, tile.segment, tile.stages, tile.warps_m, tile.warps_n,
      tile.warps_k, tile.cluster, static_cast<int>(gemm.activation));
  text += fmt::format(
      "  static constexpr bool kNormalize = {}, kHasBias = {}, kHasResidual = {}, kBConstant = {}, "
      "kBPacked "
      "= {}, kReadsRowParts = {}, kWritesRowParts = {}, kRowPartBases = {};\n",
      gemm.normalize, gemm.bias != plan::kNoBuffer, gemm.residual.buffer != plan::kNoBuffer,
      constant, gemm.packed_rows > 0, gemm.row_parts_in != plan::kNoBuffer,
      gemm.row_parts_out != plan::kNoBuffer, gemm.row_part_bases != plan::kNoBuffer);
  text += fmt::format("  static constexpr bool kPairs = {}, kUnsignedA = {};\n", gemm.pairs,
                      plan.buffers[gemm.a.buffer].type.dtype == DType::kU8);
  text += epilogue_text(plan, gemm);
  text += fmt::format("  static constexpr float kEpsilon = {}, kAlpha = {};\n",
                      literal(gemm.epsilon), literal(gemm.alpha));
  return text + view_text("AView", gemm.a, gemm.k) + view_text("BView", gemm.b, gemm.k) +
         view_text("RView", gemm.residual, gemm.n) + view_text("OView", gemm.out, gemm.n) + "};\n";
}

std::string attention_config(std::string_view name, const plan::Plan& plan,
                             const plan::Attention& attention, const AttentionTile& tile) {
  const bool has_bias = attention.bias != plan::kNoBuffer;
  const bool constant =
      has_bias && plan.buffers[attention.bias].kind == plan::Buffer::Kind::kConstant;
  std::string text = fmt::format(
      "struct {} {{\n  typedef {} BiasElement;\n", name,
      has_bias ? element_type(plan.buffers[attention.bias].type.dtype) : std::string_view("f16"));
  text += fmt::format(
      "  static constexpr int kHeads = {}, kKeyHeads = {}, kQueries = {}, kKeys = {}, kHeadDim = "
      "{}, kValueDim "
      "= {}, kQueryWarps = {}, kKeyWarps = {}, kKeysEach = {}, kPiece = {}, kBiasBatches = {};\n",
      attention.heads, attention.key_heads, attention.queries, attention.keys, attention.head_dim,
      attention.value_dim, tile.query_warps, tile.key_warps, tile.keys_each, tile.piece,
      std::max<int64_t>(attention.bias_batches, 1));
  text += fmt::format("  static constexpr float kScale = {}, kSoftcap = {};\n",
                      literal(attention.scale), literal(attention.softcap));
  text += fmt::format(
      "  static constexpr bool kCausal = {}, kHasBias = {}, kBiasConstant = {}, kVectors = {};\n"
      "  static constexpr int kOutPanelRows = {}, kPanelRows = {}, kPanelColumns = {};\n",
      attention.causal, has_bias, constant, in_pieces(attention), attention.out_panel_rows,
      attention.panel_rows, attention.panel_columns);
  text += view_text("Q", attention.q) + view_text("K", attention.k) + view_text("V", attention.v) +
          view_text("O", attention.out);
  return text +
         fmt::format(
             "  struct BiasView {{\n    static constexpr int kBatchStride = {}, kHeadStride = {}, "
             "kQueryStride = {}, kKeyStride = {};\n  }};\n}};\n",
             attention.bias_batch_stride, attention.bias_head_stride, attention.bias_query_stride,
             attention.bias_key_stride);
}

/// multiply_tile() of kernels/panel_wgmma.cuh for tiles of `columns`: the instruction's name and
/// its operands hold that number.
std::string multiply_tile_text(int64_t columns) {
  std::string sums, operands;
  const int64_t count = columns / 2;
  for (int64_t i = 0; i < count; ++i) {
    sums += fmt::format("{}%{}", i == 0 ? "" : ", ", i);
    operands += fmt::format("{}\"+f\"(d[{}])", i == 0 ? "" : ", ", i);
  }
  return fmt::format(
      "__device__ __forceinline__ void multiply_tile(float (&d)[{0}], unsigned long long a, "
      "unsigned long long b) {{\n"
      "  asm volatile(\"wgmma.mma_async.sync.aligned.m64n{1}k16.f32.f16.f16 {{{2}}}, %{0}, %{3}, "
      "1, 1, 1, 0, 0;\"\n"
      "               : {4}\n               : \"l\"(a), \"l\"(b));\n}}\n",
      count, columns, sums, count + 1, operands);
}

}  // namespace nitro::cuda
