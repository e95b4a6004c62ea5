#include "trace/lenient_json.h"

#include <gtest/gtest.h>

namespace nitro::trace {
namespace {

std::string read(std::string_view text) {
  const Result<Json> json = parse_lenient_json(text);
  return json ? json->dump() : "error: " + json.error().message;
}

TEST(LenientJson, TakesWhatIsJson) {
  EXPECT_EQ(read(R"({"a": [1, 2.5, "x\"y"], "b": null})"), R"({"a":[1,2.5,"x\"y"],"b":null})");
}

TEST(LenientJson, TakesWhatIsNotEscaped) {
  EXPECT_EQ(read("{\"a\": \"x\x1ey\"}"), R"({"a":"x\u001ey"})");
  EXPECT_EQ(read(R"({"a": "say "hi" to", "b": 1})"), R"({"a":"say \"hi\" to","b":1})");
  EXPECT_EQ(read(R"({"a": "C:\Users"})"), R"({"a":"C:\\Users"})");
  EXPECT_EQ(read(R"({"a": "end\"})"), R"({"a":"end\\"})");
}

TEST(LenientJson, TakesNumbersThatAreNone) {
  EXPECT_EQ(read(R"([nan, -nan, inf, -inf, 1e-3, true])"), "[null,null,null,null,0.001,true]");
}

TEST(LenientJson, ClosesWhatEndsEarly) {
  EXPECT_EQ(read(R"([ {"a": 1}, {"b": [2)"), R"([{"a":1},{"b":[2]}])");
  EXPECT_EQ(read(R"(["cut o)"), R"(["cut o"])");
}

TEST(LenientJson, RefusesTheRest) {
  for (const std::string_view text :
       {"", "x", "[1 2]", "{\"a\"}", "]", "{]", "[1,,2]", "\xff\xfe", "[truth]"}) {
    const Result<Json> json = parse_lenient_json(text);
    ASSERT_FALSE(json.has_value()) << text;
    EXPECT_EQ(json.error().code, ErrorCode::kBadFile);
  }
  EXPECT_FALSE(parse_lenient_json(std::string(100'000, '[')).has_value());
}

TEST(LenientJson, NumbersMayBeText) {
  EXPECT_EQ(lenient_number(Json("1.5"), 0), 1.5);
  EXPECT_EQ(lenient_number(Json(2), 0), 2);
  EXPECT_EQ(lenient_number(Json("x"), -1), -1);
  EXPECT_EQ(lenient_number(Json(), -1), -1);
}

}  // namespace
}  // namespace nitro::trace
