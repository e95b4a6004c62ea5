#include <fmt/format.h>

#include <algorithm>

#include "cuda/kernel_text.h"
#include "cuda/program_attention_simt.h"
#include "cuda/program_families.h"
#include "cuda_embedded.h"

namespace nitro::cuda {
namespace {

/// How a block of kernels/attention_mma.cuh is made up.
struct Tile {
  int64_t query_warps = 4;
  int64_t key_warps = 1;
  int64_t keys_each = 0;
  int64_t piece = 0;

  int64_t threads() const { return 32 * query_warps * key_warps; }
};

constexpr int64_t kLongestPiece = 112;  // more scores do not fit a thread's registers
constexpr int64_t kFewKeys = 64;

int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

int64_t shared_bytes(const plan::Attention& attention, const Tile& tile) {
  const int64_t dim = round_up(attention.head_dim, 16) + 8, out = round_up(attention.value_dim, 16) + 8;
  const int64_t keys = tile.key_warps * tile.keys_each;
  const int64_t operands = (tile.query_warps * 16 + keys) * dim * 2 + keys * out * 2;
  const int64_t parts = (tile.key_warps - 1) * tile.query_warps * 32 * ((out - 8) / 2 + 4) * 4;
  return std::max(operands, parts);
}

Tile tile_for(const plan::Attention& attention, const Target& target) {
  Tile tile;
  if (attention.keys > kFewKeys) {
    tile.key_warps = 2;
    const int64_t blocks = attention.batch * attention.heads * ((attention.queries + 15) / 16);
    tile.query_warps = blocks <= target.multiprocessors ? 1 : 2;
  }
  const int64_t each = (attention.keys + tile.key_warps - 1) / tile.key_warps;
  const int64_t pieces = (round_up(each, 16) + kLongestPiece - 1) / kLongestPiece;
  tile.piece = round_up((each + pieces - 1) / pieces, 16);
  tile.keys_each = tile.piece * pieces;
  return tile;
}

bool all_f16(const plan::Plan& plan, const plan::Attention& attention) {
  return std::ranges::all_of(std::array{attention.q, attention.k, attention.v, attention.out},
                             [&](const plan::HeadView& view) {
                               return plan.buffers[view.buffer].type.dtype == DType::kF16;
                             });
}

/// Whether rows can be copied in pieces of 16 bytes.
bool in_pieces(const plan::Attention& attention) {
  const auto aligned = [](const plan::HeadView& view) {
    return view.start % 8 == 0 && view.batch_stride % 8 == 0 && view.head_stride % 8 == 0 &&
           view.token_stride % 8 == 0;
  };
  return aligned(attention.q) && aligned(attention.k) && aligned(attention.v) && aligned(attention.out) &&
         attention.head_dim % 8 == 0 && attention.value_dim % 8 == 0;
}

std::string view_text(std::string_view name, const plan::HeadView& view) {
  return fmt::format(
      "  struct {} {{\n    static constexpr int kStart = {}, kBatchStride = {}, kHeadStride = {}, kTokenStride = "
      "{};\n  }};\n",
      name, view.start, view.batch_stride, view.head_stride, view.token_stride);
}

std::string config_text(const plan::Plan& plan, const plan::Attention& attention, const Tile& tile) {
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
      "  static constexpr bool kCausal = {}, kHasBias = {}, kBiasConstant = {}, kVectors = {};\n",
      attention.causal, has_bias, constant, in_pieces(attention));
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
  const Tile tile = tile_for(attention, target);
  if (target.compute_capability < 80 || !all_f16(plan, attention) ||
      shared_bytes(attention, tile) > target.shared_bytes_per_block) {
    return simt_program(plan, attention, target);
  }
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
      "  AttentionMma<Config>::run({}, {}, {}, {}, {}, reinterpret_cast<f16*>(shared));\n}}\n",
      tile.threads(), parameters(plan, kernel), p(attention.q.buffer), p(attention.k.buffer),
      p(attention.v.buffer),
      attention.bias == plan::kNoBuffer ? "static_cast<const f16*>(nullptr)" : p(attention.bias),
      written_parameter(kernel, attention.out.buffer));
  const int64_t queries = tile.query_warps * 16;
  program.grid = {(attention.queries + queries - 1) / queries, attention.heads, attention.batch};
  program.threads = tile.threads();
  program.shared_bytes = shared_bytes(attention, tile);
  program.variant = fmt::format("mma {} queries, {} keys", queries, tile.key_warps * tile.keys_each);
  return program;
}

}  // namespace nitro::cuda
