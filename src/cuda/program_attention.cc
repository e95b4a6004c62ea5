#include <fmt/format.h>

#include <algorithm>

#include "cuda/attention_tile.h"
#include "cuda/kernel_text.h"
#include "cuda/program_attention_simt.h"
#include "cuda/program_families.h"
#include "cuda_embedded.h"

namespace nitro::cuda {
namespace {

std::string view_text(std::string_view name, const plan::HeadView& view) {
  return fmt::format(
      "  struct {} {{\n    static constexpr int kStart = {}, kBatchStride = {}, kHeadStride = {}, kTokenStride = "
      "{};\n  }};\n",
      name, view.start, view.batch_stride, view.head_stride, view.token_stride);
}

std::string config_text(const plan::Plan& plan, const plan::Attention& attention, const AttentionTile& tile) {
  const bool has_bias = attention.bias != plan::kNoBuffer;
  const bool constant = has_bias && plan.buffers[attention.bias].kind == plan::Buffer::Kind::kConstant;
  std::string text = fmt::format(
      "struct Config {{\n  typedef {} BiasElement;\n",
      has_bias ? element_type(plan.buffers[attention.bias].type.dtype) : std::string_view("f16"));
  text += fmt::format(
      "  static constexpr int kHeads = {}, kKeyHeads = {}, kQueries = {}, kKeys = {}, kHeadDim = {}, kValueDim "
      "= {}, kQueryWarps = {}, kKeyWarps = {}, kKeysEach = {}, kPiece = {}, kBiasBatches = {};\n",
      attention.heads, attention.key_heads, attention.queries, attention.keys, attention.head_dim,
      attention.value_dim, tile.query_warps, tile.key_warps, tile.keys_each, tile.piece,
      std::max<int64_t>(attention.bias_batches, 1));
  text += fmt::format("  static constexpr float kScale = {}, kSoftcap = {};\n", literal(attention.scale),
                      literal(attention.softcap));
  text += fmt::format(
      "  static constexpr bool kCausal = {}, kHasBias = {}, kBiasConstant = {}, kVectors = {};\n"
      "  static constexpr int kOutPanelRows = {}, kPanelRows = {}, kPanelColumns = {};\n",
      attention.causal, has_bias, constant, in_pieces(attention), attention.out_panel_rows,
      attention.panel_rows, attention.panel_columns);
  text += view_text("Q", attention.q) + view_text("K", attention.k) + view_text("V", attention.v) +
          view_text("O", attention.out);
  return text + fmt::format(
                    "  struct BiasView {{\n    static constexpr int kBatchStride = {}, kHeadStride = {}, "
                    "kQueryStride = {}, kKeyStride = {};\n  }};\n}};\n",
                    attention.bias_batch_stride, attention.bias_head_stride, attention.bias_query_stride,
                    attention.bias_key_stride);
}

}  // namespace

Result<Program> program_of(const plan::Plan& plan, const plan::Attention& attention,
                           const Target& target) {
  const std::optional<AttentionTile> chosen = attention_tile(plan, attention, target);
  if (!chosen) return simt_program(plan, attention, target);
  const AttentionTile& tile = *chosen;
  const plan::Kernel kernel = attention;
  const auto p = [&](plan::BufferId buffer) { return parameter(kernel, buffer); };
  Program program;
  for (std::string_view part : {embedded::prelude_cuh, embedded::mma_cuh, embedded::attention_mma_cuh}) {
    program.source += part;
    program.source += '\n';
  }
  program.source += config_text(plan, attention, tile);
  program.source += fmt::format(
      "extern \"C\" __global__ void __launch_bounds__({}) step({}) {{\n"
      "  extern __shared__ __align__(128) unsigned char shared[];\n"
      "  AttentionMma<Config>::run({}, {}, {}, {}, {}, {}, reinterpret_cast<f16*>(shared));\n}}\n",
      tile.threads(), parameters(plan, kernel), p(attention.q.buffer), p(attention.k.buffer),
      p(attention.v.buffer),
      attention.bias == plan::kNoBuffer ? "static_cast<const f16*>(nullptr)" : p(attention.bias),
      p(attention.out_bases), written_parameter(kernel, attention.out.buffer));
  const int64_t queries = tile.query_warps * 16;
  program.grid = {(attention.queries + queries - 1) / queries, attention.heads, attention.batch};
  program.threads = tile.threads();
  program.shared_bytes = shared_bytes(attention, tile);
  program.arithmetic = Arithmetic::kTensor;
  program.variant = fmt::format("mma {} queries, {} keys{}", queries,
                                tile.key_warps * tile.keys_each, attention.panel_rows > 0 ? ", panels" : "");
  return program;
}

}  // namespace nitro::cuda
