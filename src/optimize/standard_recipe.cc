#include "optimize/standard_recipe.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "passes/pass.h"

namespace nitro::optimize {
namespace {

void clean_up(Recipe& recipe) {
  for (std::string_view pass : passes::kCleanUps) recipe.steps.push_back({std::string(pass)});
}

}  // namespace

bool is_clean_up(const Step& step) {
  return std::ranges::find(passes::kCleanUps, step.pass) != passes::kCleanUps.end();
}

Recipe standard_recipe(const std::string& runner, const std::vector<std::string>& modalities,
                       const std::vector<std::string>& grey) {
  Recipe recipe;
  clean_up(recipe);
  const auto add = [&](std::string pass, passes::Parameters parameters = {}) {
    recipe.steps.push_back({std::move(pass), std::move(parameters)});
  };
  for (const char* pass :
       {"fuse-layer-norm", "fuse-gelu", "fold-batch-norm", "fold-input-normalization",
        "fold-replicated-input", "keep-class-token", "deepen-masks"}) {
    add(pass);
  }
  if (modalities.size() > 1) {
    passes::Parameters parameters{{"modalities", fmt::format("{}", fmt::join(modalities, ","))}};
    if (!grey.empty()) parameters["grey"] = fmt::format("{}", fmt::join(grey, ","));
    add("batch-modalities", parameters);
    clean_up(recipe);
    if (!grey.empty()) {
      add("fold-input-normalization");
      add("fold-replicated-input");
      clean_up(recipe);
    }
  }
  for (const char* pass : {"merge-linears", "fuse-attention", "lower-patch-embedding",
                           "window-order", "hoist-gathers"}) {
    add(pass);
    clean_up(recipe);
  }
  add("fuse-bias-gelu");
  if (runner == "ort") {
    add("lower-linear");
    clean_up(recipe);
  }
  return recipe;
}

}  // namespace nitro::optimize
