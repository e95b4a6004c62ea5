#include "passes/lossy/testing_calibration.h"

namespace nitro::passes {
namespace {

Graph small_graph() {
  TestGraph graph;
  const ValueId y = graph.linear(graph.layer_norm(graph.input({4, 3})), 2);
  return graph.finish({y});
}

Calibration small_calibration(const Graph& graph) {
  Calibration calibration = calibration_of(graph, {graph.node(0).outputs[0]});
  calibration.values.begin()->second.moments = Moments{4, {1, 2, 3}, {1, 2, 3, 2, 5, 6, 3, 6, 9}};
  calibration.extremes = {{"x", {-2, 3}}, {"y", {0, 70000}}};
  return calibration;
}

TEST(Calibration, ThereAndBack) {
  const Calibration calibration = small_calibration(small_graph());
  const Json document = to_json(calibration);
  const Calibration read = parse_calibration(Json::parse(document.dump()).value()).value();
  EXPECT_EQ(to_json(read), document);
  EXPECT_EQ(read.values.begin()->second.moments->products,
            calibration.values.begin()->second.moments->products);
  EXPECT_EQ(read.values.begin()->second.histogram.counts,
            calibration.values.begin()->second.histogram.counts);
}

TEST(Calibration, BelongsToItsGraph) {
  const Graph graph = small_graph();
  const Calibration calibration = small_calibration(graph);
  EXPECT_TRUE(records_of(calibration, graph, {graph.node(0).outputs[0]}));
  const auto unwatched = records_of(calibration, graph, {graph.node(1).outputs[0]});
  EXPECT_NE(unwatched.error().message.find("did not watch"), std::string::npos);
  TestGraph wider;
  const ValueId norm = wider.layer_norm(wider.input({4, 5}));
  const Graph other = wider.finish({norm});
  const auto refused = records_of(calibration, other, {other.node(0).outputs[0]});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBadRecipe);
  EXPECT_NE(refused.error().message.find("another graph"), std::string::npos);
}

/// The document with one member of its value, or of an object of that, replaced.
Json broken(Json document, std::string_view object, std::string_view key, Json value) {
  Json record = document.at("values").items()[0];
  (object.empty() ? record : record[object])[key] = std::move(value);
  document["values"] = Json::array({record});
  return document;
}

TEST(Calibration, RefusesMalformedFiles) {
  const Json good = to_json(small_calibration(small_graph()));
  ASSERT_TRUE(parse_calibration(broken(good, "", "min", -9)));
  const Json many = Json::array({1, 2, 3, 4});
  for (const Json& bad :
       {broken(good, "", "name", ""),
        broken(good, "", "dtype", "i8"),
        broken(good, "", "dtype", "f33"),
        broken(good, "", "shape", Json::array()),
        broken(good, "", "shape", Json::array({4, 0})),
        broken(good, "", "shape", Json::array({int64_t{1} << 40, int64_t{1} << 40})),
        broken(good, "", "shape", Json::array({4, "3"})),
        broken(good, "", "min", Json()),
        broken(good, "", "min", 1e9),
        broken(good, "", "channel_max", many),
        broken(good, "histogram", "range", -1),
        broken(good, "histogram", "range", 0),
        broken(good, "histogram", "bins", int64_t{1} << 50),
        broken(good, "histogram", "bins", 3),
        broken(good, "histogram", "bins", 0),
        broken(good, "histogram", "first", -1),
        broken(good, "histogram", "first", 5000),
        broken(good, "histogram", "counts", Json::array({-1})),
        broken(good, "histogram", "counts", Json::array({0.5})),
        broken(good, "moments", "rows", 0),
        broken(good, "moments", "sums", many),
        broken(good, "moments", "products", "AAAA"),
        broken(good, "moments", "products", "????")}) {
    const auto read = parse_calibration(bad);
    ASSERT_FALSE(read) << bad.dump();
    EXPECT_TRUE(read.error().code == ErrorCode::kBadFile ||
                read.error().code == ErrorCode::kLimitExceeded ||
                read.error().code == ErrorCode::kBadModel)
        << read.error().text();
  }
  for (const char* text : {"{}", "[]", "{\"kind\":\"calibration\"}",
                           "{\"kind\":\"calibration\",\"schema_version\":2,\"values\":[]}",
                           "{\"kind\":\"calibration\",\"schema_version\":1}"})
    EXPECT_FALSE(parse_calibration(Json::parse(text).value())) << text;
  const auto row = [](Json name, Json min, Json max) {
    return Json::array({std::move(name), std::move(min), std::move(max)});
  };
  for (const Json& bad :
       {Json::array({"x"}), Json::array({Json::array({"x", 0})}), Json::array({row(1, 0, 1)}),
        Json::array({row("x", "0", 1)}), Json::array({row("x", 2, 1)}),
        Json::array({row("x", 0, 1), row("x", 0, 1)})}) {
    Json document = good;
    document["extremes"] = bad;
    const auto read = parse_calibration(document);
    ASSERT_FALSE(read) << bad.dump();
    EXPECT_EQ(read.error().code, ErrorCode::kBadFile);
  }
  Json twice = good;
  twice["values"] = Json::array({good.at("values").items()[0], good.at("values").items()[0]});
  EXPECT_FALSE(parse_calibration(twice));
  EXPECT_EQ(read_calibration(CalibrationFile("{").path()).error().code, ErrorCode::kBadFile);
  EXPECT_EQ(read_calibration("/nowhere/calibration.json").error().code, ErrorCode::kInputOutput);
}

}  // namespace
}  // namespace nitro::passes
