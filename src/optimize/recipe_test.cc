#include "optimize/recipe.h"

#include <gtest/gtest.h>

#include "optimize/standard_recipe.h"
#include "passes/testing.h"

namespace nitro::optimize {
namespace {

TEST(Recipe, RoundTrips) {
  const Recipe recipe{{{"fold-constants"},
                       {"batch-modalities", {{"modalities", "rgb,\"depth\"\\\n\t\x01"}}},
                       {"fold-constants"}}};
  const auto read = recipe_from_toml(to_toml(recipe));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(*read, recipe);
  EXPECT_EQ(to_toml(*read), to_toml(recipe));
  EXPECT_EQ(recipe_from_toml(to_toml({})).value(), Recipe{});
}

TEST(Recipe, StandardRecipesRoundTrip) {
  for (const char* runner : {"ort", "openvino", "reference"}) {
    for (const auto& modalities : {std::vector<std::string>{}, {"rgb"}, {"rgb", "depth", "ir"}}) {
      const Recipe recipe = standard_recipe(runner, modalities);
      const auto read = recipe_from_toml(to_toml(recipe));
      ASSERT_TRUE(read.has_value()) << read.error().text();
      EXPECT_EQ(*read, recipe);
    }
  }
}

TEST(Recipe, ReadsTheDocumentedForm) {
  const auto read = recipe_from_toml(
      "version = 1\n[[step]]\npass = \"batch-modalities\"\nmodalities = \"rgb,depth\"\n");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(*read, (Recipe{{{"batch-modalities", {{"modalities", "rgb,depth"}}}}}));
}

struct Malformed {
  const char* text;
  const char* says;
};

class MalformedRecipe : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedRecipe, IsRefusedWithItsLine) {
  const auto read = recipe_from_toml(GetParam().text);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode::kBadRecipe);
  EXPECT_NE(read.error().text().find(GetParam().says), std::string::npos) << read.error().text();
}

INSTANTIATE_TEST_SUITE_P(
    Recipe, MalformedRecipe,
    testing::Values(
        Malformed{"version = 1\nwhat\n", "line 2"}, Malformed{"version = 1\n[[step\n", "line 2"},
        Malformed{"version = 2\n", "line 1: only version 1 is known"},
        Malformed{"version = \"1\"\n", "only version 1"},
        Malformed{"version = 1\nauthor = \"me\"\n", "line 2: unknown key 'author'"},
        Malformed{"a\\u001b = 1\n", "line 1"}, Malformed{"\"\\u001b[2J\" = 1\n", "unknown key"},
        Malformed{"version = 1\nstep = 3\n", "line 2: 'step' must be a list"},
        Malformed{"version = 1\nstep = [1]\n", "line 2: a step must be a table"},
        Malformed{"version = 1\n\n[[step]]\nmodalities = \"x\"\n", "line 3: a step needs a pass"},
        Malformed{"version = 1\n[[step]]\npass = 7\n", "line 3: 'pass' must be text"},
        Malformed{"version = 1\n[[step]]\npass = \"fuse-glue\"\n",
                  "line 2: there is no pass 'fuse-glue'"},
        Malformed{"version = 1\n[[step]]\npass = \"fuse-gelu\"\nlevel = \"9\"\n",
                  "fuse-gelu has no parameter 'level'"},
        Malformed{"version = 1\n[[step]]\npass = \"batch-modalities\"\nmodalities = [\"a\"]\n",
                  "line 4: 'modalities' must be text"},
        Malformed{"version = 1\nversion = 1\n", "line 2"}, Malformed{"\xff\xfe", "line 1"}));

TEST(Recipe, SuggestsAPass) {
  const auto read = recipe_from_toml("[[step]]\npass = \"fuse-gelo\"\n");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().hint, "did you mean 'fuse-gelu'?");
}

TEST(Recipe, NoControlCharactersReachTheTerminal) {
  const auto read = recipe_from_toml("\"\\u001b[2J\" = 1\n");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().text().find('\x1b'), std::string::npos);
}

TEST(Recipe, DeepNestingIsAnError) {
  EXPECT_FALSE(recipe_from_toml("a = " + std::string(100'000, '[')).has_value());
}

TEST(Apply, SaysWhatEachStepDid) {
  passes::TestGraph test;
  const ValueId x = test.input({4, 4});
  test.unary(UnaryKind::kExp, x);  // nobody reads it
  Graph graph = test.finish({test.unary(UnaryKind::kRelu, x)});
  const auto results = apply({{{"eliminate-dead-code"}, {"fuse-gelu"}}}, graph);
  ASSERT_TRUE(results.has_value()) << results.error().text();
  ASSERT_EQ(results->size(), 2U);
  EXPECT_TRUE((*results)[0].changed);
  EXPECT_EQ((*results)[0].nodes_before, 2);
  EXPECT_EQ((*results)[0].nodes_after, 1);
  EXPECT_FALSE((*results)[1].changed);
  EXPECT_EQ(graph.nodes().size(), 1U);
  EXPECT_FALSE(apply({{{"no-such-pass"}}}, graph).has_value());
}

}  // namespace
}  // namespace nitro::optimize
