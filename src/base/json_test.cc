#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>

namespace nitro {
namespace {

TEST(Json, ParsesAndPrintsBack) {
  const std::string text = R"({"a":[1,2.5,true,null,"x\"\n"],"b":{}})";
  const auto json = Json::parse(text);
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(json->dump(), text);
  EXPECT_EQ(Json::parse(json->dump(2)).value(), *json);
}

TEST(Json, RefusesMalformedText) {
  for (const char* text : {"", "{", "[1,]", "{\"a\"}", "nul", "1e400", "[1] 2"}) {
    const auto json = Json::parse(text);
    ASSERT_FALSE(json.has_value()) << text;
    EXPECT_EQ(json.error().code, ErrorCode::kBadFile);
  }
}

TEST(Json, RefusesDeepNesting) {
  EXPECT_TRUE(Json::parse(std::string(64, '[') + std::string(64, ']')).has_value());
  EXPECT_FALSE(Json::parse(std::string(100000, '[')).has_value());
}

TEST(Json, ParsesAWideObject) {
  constexpr int kMembers = 300'000;  // minutes, were each key compared with all before it
  std::string text = "{";
  for (int i = 0; i < kMembers; ++i) text += fmt::format("\"{}\":{},", i, i);
  const Json json = Json::parse(text + "\"7\":\"last\"}").value();
  ASSERT_EQ(json.size(), size_t{kMembers});
  EXPECT_EQ(json.members()[kMembers - 1].first, std::to_string(kMembers - 1));
  EXPECT_EQ(json.members()[7].second.as_string(), "last");
}

TEST(Json, NonFiniteIsNull) {
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).dump(), "null");
}

TEST(Json, InvalidUtf8IsReplaced) { EXPECT_EQ(Json("\xff").dump(), "\"\uFFFD\""); }

}  // namespace
}  // namespace nitro
