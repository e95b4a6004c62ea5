#include <gtest/gtest.h>

#include "cli/modalities.h"
#include "cli/model_arguments.h"
#include "cli/output_file.h"
#include "cli/recipe_arguments.h"

namespace nitro::cli {
namespace {

using Named = std::pair<std::string, Shape>;

TEST(NamedShape, TakesTheLastSeparator) {
  EXPECT_EQ(parse_named_shape("image=1x3x224x224", '=').value(),
            (Named{"image", {1, 3, 224, 224}}));
  EXPECT_EQ(parse_named_shape("a=b=7", '=').value(), (Named{"a=b", {7}}));
  EXPECT_EQ(parse_named_shape("input:0:1x8", ':').value(), (Named{"input:0", {1, 8}}));
}

TEST(NamedShape, RefusesEverythingElse) {
  for (const char* text :
       {"", "=", "=1", "image", "image=", "image=1x", "image=x1", "image=-1", "image=1,2",
        "image=1x99999999999999999999", "image=1 ", "image=4294967296x4294967296x4294967296"}) {
    EXPECT_FALSE(parse_named_shape(text, '=')) << text;
  }
}

TEST(Modalities, SplitsAtCommas) {
  EXPECT_TRUE(parse_modalities("").value().empty());
  EXPECT_EQ(parse_modalities("rgb,depth").value(), (std::vector<std::string>{"rgb", "depth"}));
  for (const char* text : {",", "rgb,", "rgb,rgb"}) EXPECT_FALSE(parse_modalities(text)) << text;
}

TEST(Modalities, GreyAreSomeOfSeveral) {
  EXPECT_TRUE(parse_grey("", {}).value().empty());
  EXPECT_EQ(parse_grey("ir,depth", {"rgb", "depth", "ir"}).value(),
            (std::vector<std::string>{"ir", "depth"}));
  for (const char* text : {"thermal", "depth,", "depth,depth"})
    EXPECT_FALSE(parse_grey(text, {"rgb", "depth"})) << text;
  EXPECT_FALSE(parse_grey("depth", {"depth"}));
}

TEST(PassStep, TakesParametersWithCommasInside) {
  const auto step = parse_step("batch-modalities:modalities=rgb,depth");
  ASSERT_TRUE(step);
  EXPECT_EQ(step->pass, "batch-modalities");
  EXPECT_EQ(step->parameters, (passes::Parameters{{"modalities", "rgb,depth"}}));
  EXPECT_EQ(parse_step("batch-modalities:modalities=rgb,depth,grey=depth").value().parameters,
            (passes::Parameters{{"modalities", "rgb,depth"}, {"grey", "depth"}}));
  EXPECT_TRUE(parse_step("fuse-gelu").value().parameters.empty());
}

TEST(PassStep, RefusesUnknownPassesAndParameters) {
  EXPECT_EQ(parse_step("fuse-gelo").error().code, ErrorCode::kBadRecipe);
  EXPECT_NE(parse_step("fuse-gelo").error().hint.find("fuse-gelu"), std::string::npos);
  for (const char* text : {"fuse-gelu:", "fuse-gelu:a=1", "batch-modalities:rgb", "", ":a=b"})
    EXPECT_FALSE(parse_step(text)) << text;
}

TEST(MadeByNitro, KnowsItsOwnFilesByTheirBeginning) {
  EXPECT_TRUE(made_by_nitro("{\n \"schema_version\": 1,\n \"nitro_version\": \"0.1.0\"}"));
  EXPECT_TRUE(made_by_nitro("version = 1\n\n[[step]]\npass = \"fuse-gelu\"\n"));
  EXPECT_TRUE(made_by_nitro(std::string_view("\x08\x09\x12\x05nitro\x3a", 10)));
  for (const char* text :
       {"", "{}", "nitro", "nitro_version", "{\"version\": 1}", "<!doctype html>"})
    EXPECT_FALSE(made_by_nitro(text)) << text;
}

}  // namespace
}  // namespace nitro::cli
