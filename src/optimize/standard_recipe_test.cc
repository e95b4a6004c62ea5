#include "optimize/standard_recipe.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace nitro::optimize {
namespace {

int64_t uses(const Recipe& recipe, std::string_view pass) {
  return std::ranges::count(recipe.steps, pass, &Step::pass);
}

TEST(StandardRecipe, NamesOnlyKnownPassesAndStartsClean) {
  for (const char* runner : {"ort", "reference"}) {
    const Recipe recipe = standard_recipe(runner, {"rgb", "depth"});
    for (const Step& step : recipe.steps) EXPECT_TRUE(passes::find_pass(step.pass)) << step.pass;
    EXPECT_TRUE(is_clean_up(recipe.steps.front()));
  }
}

TEST(StandardRecipe, BatchesSeveralModalitiesOnly) {
  EXPECT_EQ(uses(standard_recipe("ort", {}), "batch-modalities"), 0);
  EXPECT_EQ(uses(standard_recipe("ort", {"rgb"}), "batch-modalities"), 0);
  const Recipe recipe = standard_recipe("ort", {"rgb", "depth"});
  const auto step = std::ranges::find(recipe.steps, "batch-modalities", &Step::pass);
  ASSERT_NE(step, recipe.steps.end());
  EXPECT_EQ(step->parameters.at("modalities"), "rgb,depth");
  EXPECT_FALSE(step->parameters.contains("grey"));
}

TEST(StandardRecipe, FoldsThePreparationOfGreyModalities) {
  const Recipe recipe = standard_recipe("ort", {"rgb", "depth", "ir"}, {"depth", "ir"});
  const auto step = std::ranges::find(recipe.steps, "batch-modalities", &Step::pass);
  ASSERT_NE(step, recipe.steps.end());
  EXPECT_EQ(step->parameters.at("grey"), "depth,ir");
  const Recipe after{{step, recipe.steps.end()}};
  EXPECT_EQ(uses(after, "fold-input-normalization"), 1);
  EXPECT_EQ(uses(after, "fold-replicated-input"), 1);
}

TEST(StandardRecipe, LowersLinearLayersForOnnxRuntimeOnly) {
  EXPECT_EQ(uses(standard_recipe("ort", {}), "lower-linear"), 1);
  EXPECT_EQ(uses(standard_recipe("openvino", {}), "lower-linear"), 0);
}

TEST(StandardRecipe, CleanUps) {
  EXPECT_TRUE(is_clean_up({"eliminate-dead-code"}));
  EXPECT_FALSE(is_clean_up({"fuse-gelu"}));
  EXPECT_FALSE(is_clean_up({""}));
}

}  // namespace
}  // namespace nitro::optimize
