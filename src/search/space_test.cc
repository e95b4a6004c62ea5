#include "search/space.h"

#include <gtest/gtest.h>

#include "search/sensitivity.h"

namespace nitro::search {
namespace {

constexpr std::string_view kSpace = R"(
version = 1
[[step]]
recipe = "standard"
optional = false
[[step]]
pass = "batch-modalities"
modalities = ["rgb,depth", "depth,rgb"]
order = "free"
[[step]]
pass = "split-fused-ops"
keep = {low = 0.1, high = 0.5, step = 0.1}
order = "free"
[[step]]
pass = "fuse-gelu"
optional = false
)";

Space space() { return space_from_toml(kSpace).value(); }

std::vector<std::string> passes_of(const optimize::Recipe& recipe) {
  std::vector<std::string> names;
  for (const optimize::Step& step : recipe.steps)
    if (std::ranges::count(passes::kCleanUps, step.pass) == 0) names.push_back(step.pass);
  return names;
}

TEST(Space, DimensionsFollowTheSteps) {
  const std::vector<Dimension> dimensions = space().dimensions();
  std::vector<std::string> names;
  for (const Dimension& dimension : dimensions) names.push_back(dimension.name);
  EXPECT_EQ(names, (std::vector<std::string>{"batch-modalities", "batch-modalities.modalities",
                                             "split-fused-ops", "split-fused-ops.keep", "order"}));
  EXPECT_EQ(dimensions[1].when, "batch-modalities");
  EXPECT_EQ(dimensions[3].size(), 5);
  EXPECT_EQ(dimensions[3].value(2), "0.3") << "0.1 + 2 * 0.1 is not 0.3";
  EXPECT_EQ(dimensions[4].choices.size(), 2U);
}

TEST(Space, APointIsARecipe) {
  const optimize::Recipe standard{{{"fuse-attention"}}};
  const Point off = start_point(space());
  EXPECT_EQ(passes_of(recipe_of(space(), off, standard).value()),
            (std::vector<std::string>{"fuse-attention", "fuse-gelu"}));
  const Point on = {{"batch-modalities", "on"},
                    {"batch-modalities.modalities", "rgb,depth"},
                    {"split-fused-ops", "on"},
                    {"split-fused-ops.keep", "0.3"},
                    {"order", "split-fused-ops batch-modalities"}};
  const optimize::Recipe recipe = recipe_of(space(), on, standard).value();
  EXPECT_EQ(passes_of(recipe), (std::vector<std::string>{"fuse-attention", "split-fused-ops",
                                                         "batch-modalities", "fuse-gelu"}));
  EXPECT_EQ(recipe.steps[1].parameters.at("keep"), "0.3");
  EXPECT_EQ(description(space(), on),
            "standard, split-fused-ops keep=0.3, batch-modalities modalities=rgb,depth, fuse-gelu");
}

TEST(Space, APointThatItDoesNotHaveIsRefused) {
  Point point = start_point(space());
  point["split-fused-ops"] = "on";
  EXPECT_FALSE(recipe_of(space(), point, {}).has_value()) << "without a value";
  point["split-fused-ops.keep"] = "0.35";
  EXPECT_FALSE(recipe_of(space(), point, {}).has_value());
  point["split-fused-ops.keep"] = "0.5";
  EXPECT_TRUE(recipe_of(space(), point, {}).has_value());
  point["order"] = "fuse-gelu";
  EXPECT_FALSE(recipe_of(space(), point, {}).has_value());
}

TEST(Space, PointsGoThroughJson) {
  const std::vector<Dimension> dimensions = space().dimensions();
  const Point point = {{"split-fused-ops", "on"}, {"split-fused-ops.keep", "0.3"}};
  const Json json = to_json(point, dimensions);
  EXPECT_EQ(json.at("split-fused-ops.keep"), Json(0.3));
  EXPECT_EQ(point_from_json(json, dimensions).value(), point);
  for (const Json& wrong : {Json("x"), Json(0.35), Json(1e300), Json::array()}) {
    const auto read = point_from_json(Json::object({{"split-fused-ops.keep", wrong}}), dimensions);
    ASSERT_FALSE(read.has_value()) << wrong.dump();
    EXPECT_EQ(read.error().code, ErrorCode::kRunnerFailed);
  }
}

TEST(Space, TheSecondUseOfAPassHasANumber) {
  const auto twice = space_from_toml("[[step]]\npass='fuse-gelu'\n[[step]]\npass='fuse-gelu'\n");
  ASSERT_TRUE(twice.has_value()) << twice.error().text();
  EXPECT_EQ(twice->steps[1].name, "fuse-gelu-2");
}

TEST(Space, AParameterHasAValueForEachModule) {
  const auto read = space_from_toml(R"([[step]]
pass = "split-fused-ops"
keep = {depth = ["0.25", "0.5"], "layers.2" = {low = 1, high = 3, step = 1}}
)");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  const std::vector<Dimension> dimensions = read->dimensions();
  ASSERT_EQ(dimensions.size(), 3U);
  EXPECT_EQ(dimensions[2].name, "split-fused-ops.keep.layers.2");
  const Point point = {{"split-fused-ops", "on"},
                       {"split-fused-ops.keep.depth", "0.25"},
                       {"split-fused-ops.keep.layers.2", "3"}};
  EXPECT_EQ(recipe_of(*read, point, {}).value().steps[0].parameters.at("keep"),
            "depth=0.25,layers.2=3");
  EXPECT_EQ(description(*read, point), "split-fused-ops depth=0.25 layers.2=3");
}

TEST(Space, TheDefaultOneCanBeRead) {
  const auto read = space_from_toml(default_space());
  ASSERT_TRUE(read.has_value()) << read.error().text();
}

TEST(Space, SensitivityVariesOneThingAtATime) {
  const std::vector<SensitivityPoint> points = sensitivity_points(space());
  ASSERT_EQ(points.size(), 6U) << "the start, two choices, three of a range";
  EXPECT_EQ(points[0].varied.step, "");
  EXPECT_EQ(points[1].point.at("split-fused-ops"), "off");
  EXPECT_EQ(points[3].varied.value, "0.1");
  EXPECT_EQ(points[4].varied.value, "0.3");
  EXPECT_EQ(points[5].varied.value, "0.5");
  for (const SensitivityPoint& point : points)
    EXPECT_TRUE(recipe_of(space(), point.point, {}).has_value());
}

class BadSpace : public testing::TestWithParam<std::pair<std::string_view, std::string_view>> {};

TEST_P(BadSpace, IsRefusedWithTheReason) {
  const auto read = space_from_toml(GetParam().first);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode::kBadRecipe);
  EXPECT_NE(read.error().message.find(GetParam().second), std::string::npos)
      << read.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSpace,
    testing::Values(
        std::pair{"", "nothing to choose"}, std::pair{"[[step]\n", "line 1"},
        std::pair{"version = 2\n", "only version 1"}, std::pair{"step = 1\n", "list of tables"},
        std::pair{"step = [1]\n", "must be a table"}, std::pair{"other = 1\n", "unknown key"},
        std::pair{"[[step]]\n", "line 1: a step has a pass"},
        std::pair{"[[step]]\npass = 1\n", "line 2: a step has a pass"},
        std::pair{"[[step]]\nrecipe = 'other'\n", "standard"},
        std::pair{"[[step]]\nrecipe = 'standard'\nkeep = 'a'\n", "no parameters"},
        std::pair{"[[step]]\npass = 'fuse-glu'\n", "no pass 'fuse-glu'"},
        std::pair{"[[step]]\npass = 'fuse-gelu'\nstrength = ['1']\n", "no parameter 'strength'"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = 1\n", "must be text, a list"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = []\n", "no choices"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = {}\n", "must have low"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = {a = [], b = ['1']}\n", "no choices"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = {a = '1', b = ['1']}\n", "must be"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = [1]\n", "must be text"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = ['a', 'a']\n", "twice"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = {low = 1}\n", "low, high and step"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = {low=2, high=1, step=1}\n",
                  "values from low"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = {low=0, high=1, step=0}\n",
                  "values from low"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = {low=0, high=1, step=1e-9}\n",
                  "values from low"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = {low=0, high=nan, step=1}\n",
                  "numbers"},
        std::pair{"[[step]]\npass = 'split-fused-ops'\nkeep = {low=0, high=1, step='1'}\n",
                  "numbers"},
        std::pair{"[[step]]\npass = 'fuse-gelu'\noptional = 1\n", "true or false"},
        std::pair{"[[step]]\npass = 'fuse-gelu'\norder = 'any'\n", "free or fixed"},
        std::pair{"[[step]]\npass = 'fuse-gelu'\noptional = false\n", "nothing to choose"}));

}  // namespace
}  // namespace nitro::search
