#include "plan/prepare.h"

#include <array>
#include <string_view>

#include "passes/pass.h"
#include "plan/basic_ops.h"
#include "plan/fuse_scores.h"

namespace nitro::plan {
namespace {

constexpr std::array<std::string_view, 5> kCleanUps = {
    "fold-constants", "order-operands", "remove-identities", "merge-common-subexpressions",
    "eliminate-dead-code"};
constexpr std::array<std::string_view, 6> kFirst = {
    "fuse-layer-norm",       "fuse-gelu",       "fold-batch-norm", "fold-input-normalization",
    "fold-replicated-input", "keep-class-token"};
constexpr std::array<std::string_view, 5> kThen = {
    "merge-linears", "fuse-attention", "lower-patch-embedding", "window-order", "hoist-gathers"};

Result<void> run(Graph& graph, std::string_view name) {
  const passes::Pass* pass = TRY(passes::find_pass(name));
  TRY(pass->run(graph, {}));
  return {};
}

Result<void> clean_up(Graph& graph) {
  for (std::string_view name : kCleanUps) TRY(run(graph, name));
  return {};
}

}  // namespace

Result<Graph> prepare(Graph graph) {
  TRY(use_basic_ops(graph));  // what the patterns of the passes are made of
  TRY(clean_up(graph));
  for (std::string_view name : kFirst) TRY(run(graph, name));
  for (std::string_view name : kThen) {
    TRY(run(graph, name));
    TRY(clean_up(graph));
  }
  TRY(use_basic_ops(graph));  // what the passes made
  TRY(fuse_scores(graph));
  TRY(clean_up(graph));
  return graph;
}

}  // namespace nitro::plan
