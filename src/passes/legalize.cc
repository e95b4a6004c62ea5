#include "passes/legalize.h"

#include "passes/pass.h"

namespace nitro::passes {

Result<Graph> legalize(const Graph& graph, const onnx::ExportTarget& target) {
  Graph split = graph;
  const Pass* splitting = TRY(find_pass("split-fused-ops"));
  TRY(splitting->run(split, {{"keep", onnx::kept_operators(target)}}));
  TRY(run_passes(
      split, {"fold-constants", "sink-transposes", "remove-identities", "eliminate-dead-code"}));
  return split;
}

}  // namespace nitro::passes
