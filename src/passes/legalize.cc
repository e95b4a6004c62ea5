#include "passes/legalize.h"

#include "passes/pass.h"

namespace nitro::passes {

Result<Graph> legalize(const Graph& graph, const onnx::ExportTarget& target) {
  Graph split = graph;
  const Pass* splitting = TRY(find_pass("split-fused-ops"));
  TRY(splitting->run(split, {{"keep", onnx::kept_operators(target)}}));
  for (std::string_view name :
       {"fold-constants", "sink-transposes", "remove-identities", "eliminate-dead-code"}) {
    const Pass* pass = TRY(find_pass(name));
    TRY(pass->run(split, {}));
  }
  return split;
}

}  // namespace nitro::passes
