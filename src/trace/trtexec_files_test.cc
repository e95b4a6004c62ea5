#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "trace/lenient_json.h"
#include "trace/trtexec_layers.h"
#include "trace/trtexec_output.h"
#include "trace/trtexec_profile.h"
#include "trace/trtexec_times.h"

namespace nitro::trace {
namespace {

Json json_of(std::string_view text) { return parse_lenient_json(text).value(); }

TEST(TrtexecTimes, AreReadByName) {
  const auto times = parse_trtexec_times(json_of(R"([
  { "startEnqMs" : 2.6, "startComputeMs" : 2.57741, "endComputeMs" : 3.45088, "computeMs" : 0.873472 }
, { "computeMs" : "0.8448", "startComputeMs" : "3.45702" }
)"));
  ASSERT_TRUE(times.has_value());
  ASSERT_EQ(times->size(), 2U);
  EXPECT_EQ((*times)[0].start_ms, 2.57741);
  EXPECT_EQ((*times)[1].compute_ms, 0.8448);
}

TEST(TrtexecTimes, NamesABadRow) {
  for (const std::string_view text :
       {R"([{"startComputeMs": 1, "computeMs": 1}, {"startComputeMs": 1}])",
        R"([{"startComputeMs": 1, "computeMs": 1}, 7])",
        R"([{"startComputeMs": 1, "computeMs": 1}, {"startComputeMs": 1, "computeMs": -1}])",
        R"([{"startComputeMs": 1, "computeMs": 1}, {"startComputeMs": nan, "computeMs": 1}])",
        R"([{"startComputeMs": 1, "computeMs": 1}, {"startComputeMs": 1, "computeMs": 1e300}])"}) {
    const auto times = parse_trtexec_times(json_of(text));
    ASSERT_FALSE(times.has_value()) << text;
    EXPECT_TRUE(times.error().message.contains("row 1")) << times.error().message;
  }
  EXPECT_FALSE(parse_trtexec_times(Json::object()).has_value());
}

TEST(TrtexecProfile, IsReadWithAndWithoutMedians) {
  const auto profile = parse_trtexec_profile(json_of(R"([
  { "count" : 107 }
, { "name" : "Conv_0 + Relu_1", "timeMs" : 2.14, "averageMs" : 0.02, "percentage" : 66.7 }
, { "name" : "say "hi"", "timeMs" : 1.07, "averageMs" : 0.01, "medianMs" : 0.01, "percentage" : nan }
]
)"));
  ASSERT_TRUE(profile.has_value());
  EXPECT_EQ(profile->count, 107);
  ASSERT_EQ(profile->layers.size(), 2U);
  EXPECT_EQ(profile->layers[0].name, "Conv_0 + Relu_1");
  EXPECT_EQ(profile->layers[1].name, "say \"hi\"");
  EXPECT_EQ(profile->layers[1].average_ms, 0.01);
}

TEST(TrtexecProfile, NamesWhatIsWrong) {
  const auto message = [](std::string_view text) {
    const auto profile = parse_trtexec_profile(json_of(text));
    return profile ? "" : profile.error().message;
  };
  for (const std::string_view text :
       {"[]", "{}", "[1]", R"([{"count": 0}])", R"([{"count": "x"}])"})
    EXPECT_TRUE(message(text).contains("count")) << text;
  EXPECT_TRUE(message(R"([{"count": 1}, {"name": "a", "averageMs": inf}])").contains("'a'"));
  EXPECT_TRUE(message(R"([{"count": 1}, {"averageMs": 1}])").contains("layer 0"));
}

TEST(TrtexecLayers, AreNamesOrObjects) {
  const auto names =
      parse_trtexec_layers(json_of(R"({"Layers": ["a + b", "c"], "Bindings": ["x"]})"));
  ASSERT_TRUE(names.has_value());
  EXPECT_EQ((*names)[1].name, "c");
  const auto layers = parse_trtexec_layers(json_of(
      "{\"Layers\": [{\"Name\": \"a\", \"LayerType\": \"CaskConvolution\", \"Inputs\": [{\"Name\": "
      "\"x\"}], \"Outputs\": [{\"Name\": \"y\"}], \"TacticName\": \"t\", \"Metadata\": \"[ONNX "
      "Layer: p]\x1e[ONNX Layer: q]\"}]}"));
  ASSERT_TRUE(layers.has_value());
  EXPECT_EQ((*layers)[0].tactic, "t");
  EXPECT_EQ((*layers)[0].outputs, std::vector<std::string>{"y"});
  EXPECT_EQ((*layers)[0].onnx_nodes, (std::vector<std::string>{"p", "q"}));
  for (const std::string_view text : {"[]", "{}", R"({"Layers": [1]})", R"({"Layers": [{}]})"})
    EXPECT_FALSE(parse_trtexec_layers(json_of(text)).has_value()) << text;
}

TEST(TrtexecLayers, EqualNamesKeepTheirOrder) {
  const auto layers =
      described({"a", "b", "a", "c"}, {{"a", "first"}, {"a", "second"}, {"b", "other"}});
  EXPECT_EQ(layers[0].type, "first");
  EXPECT_EQ(layers[1].type, "other");
  EXPECT_EQ(layers[2].type, "second");
  EXPECT_EQ(layers[3].name, "c");
}

TEST(TrtexecOutput, HasNumbersOfAllKinds) {
  const auto outputs = parse_trtexec_output(
      "[\n  { \"name\" : \"a \"b\" c\"\n  , \"dimensions\" : \"2x3\"\n  , \"values\" : [ 1, "
      "-2.5e-05, "
      "nan, -nan, inf, -inf ]\n  }\n, { \"name\" : \"none\"\n  , \"dimensions\" : \"0\"\n  , "
      "\"values\" : [  ]\n  }\n, { \"name\" : \"scalar\"\n  , \"dimensions\" : \"\"\n  , "
      "\"values\" : [ "
      "7 ]\n  }\n]\n");
  ASSERT_TRUE(outputs.has_value()) << outputs.error().message;
  ASSERT_EQ(outputs->size(), 3U);
  EXPECT_EQ((*outputs)[0].name, "a \"b\" c");
  EXPECT_EQ((*outputs)[0].shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ((*outputs)[0].values[1], -2.5e-05);
  EXPECT_TRUE(std::isnan((*outputs)[0].values[3]));
  EXPECT_EQ((*outputs)[0].values[5], -INFINITY);
  EXPECT_TRUE((*outputs)[1].values.empty());
  EXPECT_EQ((*outputs)[2].values, std::vector<double>{7});
}

TEST(TrtexecOutput, RefusesTheRest) {
  const auto output = [](std::string_view shape, std::string_view values) {
    return fmt::format(
        "[ {{ \"name\" : \"y\"\n, \"dimensions\" : \"{}\"\n, \"values\" : [ {} ]\n}}\n]", shape,
        values);
  };
  for (const std::string& text :
       {std::string(), std::string("x"), output("2", "1"), output("2", "1, x"),
        output("2", "1, , 2"), output("2x", "1, 2"), output("-1", "1"),
        output("4611686018427387904x4", ""), output("2", "1, 2").substr(0, 50),
        std::string("[ { \"name\" : \"y")}) {
    const auto outputs = parse_trtexec_output(text);
    ASSERT_FALSE(outputs.has_value()) << text;
    EXPECT_EQ(outputs.error().code, ErrorCode::kBadFile);
  }
}

/// Files of others, where they are.
class RecordedTrtexec : public ::testing::TestWithParam<std::pair<const char*, size_t>> {};

TEST_P(RecordedTrtexec, IsReadWhole) {
  const char* folder = std::getenv("NITRO_TRACES");
  if (folder == nullptr) GTEST_SKIP() << "NITRO_TRACES names no folder";
  const std::string start = std::string(folder) + "/trtexec/" + GetParam().first + ".";
  if (!std::filesystem::exists(start + "graph.json")) GTEST_SKIP() << "no " << start;
  const auto times = read_trtexec_times(start + "timing.json");
  ASSERT_TRUE(times.has_value()) << times.error().message;
  EXPECT_EQ(times->size(), GetParam().second);
  const auto profile = read_trtexec_profile(start + "profile.json");
  const auto layers = read_trtexec_layers(start + "graph.json");
  ASSERT_TRUE(profile.has_value() && layers.has_value());
  ASSERT_EQ(profile->layers.size(), layers->size());
  for (size_t i = 0; i < layers->size(); ++i) EXPECT_EQ((*layers)[i].name, profile->layers[i].name);
}

INSTANTIATE_TEST_SUITE_P(Files, RecordedTrtexec,
                         ::testing::Values(std::pair("trex-A100-fp16-resnet.onnx.engine", 3698),
                                           std::pair("trex-RTX3090-fp32-resnet.onnx.engine", 263)));

}  // namespace
}  // namespace nitro::trace
