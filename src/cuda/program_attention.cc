#include <fmt/format.h>

#include <algorithm>

#include "cuda/config_text.h"
#include "cuda/kernel_text.h"
#include "cuda/program_attention_simt.h"
#include "cuda/program_families.h"
#include "cuda_embedded.h"

namespace nitro::cuda {

Result<Program> program_of(const plan::Plan& plan, const plan::Attention& attention,
                           const Target& target) {
  const std::optional<AttentionTile> chosen = attention_tile(plan, attention, target);
  if (!chosen) return simt_program(plan, attention, target);
  const AttentionTile& tile = *chosen;
  const plan::Kernel kernel = attention;
  const auto p = [&](plan::BufferId buffer) { return parameter(kernel, buffer); };
  Program program;
  for (std::string_view part :
       {embedded::prelude_cuh, embedded::mma_cuh, embedded::attention_mma_cuh}) {
    program.source += part;
    program.source += '\n';
  }
  program.source += attention_config("Config", plan, attention, tile);
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
  const int64_t blocks = program.grid[0] * program.grid[1] * program.grid[2];
  program.operand_bytes =
      blocks * size_of(DType::kF16) *
      (queries * attention.head_dim + attention.keys * (attention.head_dim + attention.value_dim));
  program.threads = tile.threads();
  program.shared_bytes = shared_bytes(attention, tile);
  program.arithmetic = Arithmetic::kTensor;
  program.variant =
      fmt::format("mma {} queries, {} keys{}", queries, tile.key_warps * tile.keys_each,
                  attention.panel_rows > 0 ? ", panels" : "");
  return program;
}

}  // namespace nitro::cuda
