#include "cuda/program_attention_simt.h"

#include <fmt/format.h>

#include <numeric>

#include "cuda/kernel_text.h"
#include "cuda_embedded.h"

namespace nitro::cuda {
namespace {

constexpr int64_t kSide = 8;               // threads along queries and along keys
constexpr int64_t kChannels = 64;          // most of the result in a block
constexpr int64_t kLoadInstructions = 24;  // for the operands of a thread's scores of one channel

/// Queries and keys of a thread.
struct Tile {
  int64_t queries = 8;
  int64_t keys = 8;
};

int64_t divided_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit; }

/// The tile with the fewest instructions, those for what is outside of the matrix included.
Tile tile_for(const plan::Attention& attention) {
  Tile best;
  int64_t least = 0;
  for (int64_t queries = 8; queries >= 1; --queries) {
    for (int64_t keys = 8; keys >= 4; --keys) {
      const int64_t tiles =
          divided_up(attention.queries, kSide * queries) * divided_up(attention.keys, kSide * keys);
      const int64_t cost = tiles * (queries * keys + kLoadInstructions);
      if (least > 0 && cost >= least) continue;
      best = {queries, keys};
      least = cost;
    }
  }
  return best;
}

/// How many channels can be moved together.
int64_t run_of(const plan::HeadView& view, int64_t channels) {
  int64_t run = 8;
  for (int64_t number :
       {channels, view.start, view.batch_stride, view.head_stride, view.token_stride}) {
    run = std::gcd(run, number);
  }
  return run;
}

std::string view_text(std::string_view name, const plan::HeadView& view, int64_t channels) {
  return fmt::format(
      "  struct {} {{\n    static constexpr int kRun = {}, kHeadStride = {}, kTokenStride = {};\n"
      "    static constexpr long long kStart = {}, kBatchStride = {};\n  }};\n",
      name, run_of(view, channels), view.head_stride, view.token_stride, view.start,
      view.batch_stride);
}

std::string config_text(const plan::Plan& plan, const plan::Attention& of, const Tile& tile) {
  const auto type = [&](plan::BufferId buffer) {
    return buffer == plan::kNoBuffer ? "f16" : element_type(plan.buffers[buffer].type.dtype);
  };
  std::string text = fmt::format(
      "struct Config {{\n  typedef {} Q;\n  typedef {} K;\n  typedef {} V;\n  typedef {} O;\n"
      "  typedef {} Bias;\n",
      type(of.q.buffer), type(of.k.buffer), type(of.v.buffer), type(of.out.buffer), type(of.bias));
  text += fmt::format(
      "  static constexpr int kHeads = {}, kKeyHeads = {}, kQueries = {}, kKeys = {}, kHeadDim = "
      "{}, kValueDim = {}, kQueriesEach = {}, kKeysEach = {}, kBiasBatches = {};\n",
      of.heads, of.key_heads, of.queries, of.keys, of.head_dim, of.value_dim, tile.queries,
      tile.keys, std::max<int64_t>(of.bias_batches, 1));
  text += fmt::format(
      "  static constexpr float kScale = {}, kSoftcap = {};\n"
      "  static constexpr bool kCausal = {}, kHasBias = {};\n",
      literal(of.scale), literal(of.softcap), of.causal, of.bias != plan::kNoBuffer);
  text += view_text("QView", of.q, of.head_dim) + view_text("KView", of.k, of.head_dim) +
          view_text("VView", of.v, of.value_dim) + view_text("OView", of.out, of.value_dim);
  return text + fmt::format(
                    "  struct BiasView {{\n    static constexpr int kKeyStride = {};\n"
                    "    static constexpr long long kBatchStride = {}, kHeadStride = {}, "
                    "kQueryStride = {};\n  }};\n}};\n",
                    of.bias_key_stride, of.bias_batch_stride, of.bias_head_stride,
                    of.bias_query_stride);
}

}  // namespace

Result<Program> simt_program(const plan::Plan& plan, const plan::Attention& of, const Target&) {
  if (of.out_bases != plan::kNoBuffer || of.panel_rows > 0) {
    return fail(ErrorCode::kUnsupportedOp,
                "an attention in the form for tensor cores has no program without them");
  }
  const Tile tile = tile_for(of);
  const plan::Kernel kernel = of;
  const auto p = [&](plan::BufferId buffer) { return parameter(kernel, buffer); };
  Program program;
  for (std::string_view part :
       {embedded::prelude_cuh, embedded::pieces_cuh, embedded::attention_simt_cuh}) {
    program.source += part;
    program.source += '\n';
  }
  program.threads = kSide * kSide;
  program.source += config_text(plan, of, tile);
  program.source += fmt::format(
      "extern \"C\" __global__ void __launch_bounds__({}) step({}) {{\n"
      "  AttentionSimt<Config>::run({}, {}, {}, {}, {});\n}}\n",
      program.threads, parameters(plan, kernel), p(of.q.buffer), p(of.k.buffer), p(of.v.buffer),
      p(of.bias), written_parameter(kernel, of.out.buffer));
  const int64_t slices = divided_up(of.value_dim, kChannels);
  const int64_t query_tiles = divided_up(of.queries, kSide * tile.queries);
  program.grid = {query_tiles * slices * of.heads * of.batch, 1, 1};
  program.variant =
      fmt::format("simt f32 {} queries, {} keys", kSide * tile.queries, kSide * tile.keys);
  return program;
}

}  // namespace nitro::cuda
