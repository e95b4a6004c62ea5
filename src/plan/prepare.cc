#include "plan/prepare.h"

#include <string_view>
#include <vector>

#include "passes/pass.h"
#include "plan/basic_ops.h"
#include "plan/fuse_scores.h"

namespace nitro::plan {
namespace {

const std::vector<std::string_view> kFirst = {"fuse-layer-norm",       "fuse-gelu",
                                              "fold-batch-norm",       "fold-input-normalization",
                                              "fold-replicated-input", "keep-class-token"};
const std::vector<std::string_view> kThen = {
    "merge-linears", "fuse-attention", "lower-patch-embedding", "window-order", "hoist-gathers"};

}  // namespace

Result<Graph> prepare(Graph graph) {
  TRY(use_basic_ops(graph));  // what the patterns of the passes are made of
  TRY(passes::run_passes(graph, passes::kCleanUps));
  TRY(passes::run_passes(graph, kFirst));
  for (std::string_view name : kThen) {
    TRY(passes::run_passes(graph, {name}));
    TRY(passes::run_passes(graph, passes::kCleanUps));
  }
  TRY(use_basic_ops(graph));  // what the passes made
  TRY(fuse_scores(graph));
  TRY(passes::run_passes(graph, passes::kCleanUps));
  return graph;
}

}  // namespace nitro::plan
