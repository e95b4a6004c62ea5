#include "optimize/result_document.h"

#include <gtest/gtest.h>

namespace nitro::optimize {
namespace {

TEST(ResultDocument, SummaryIsTheMedianOfTheRepetitions) {
  const FrameSamples samples{{{10, 20, 30}, {40, 50, 60}, {1000, 70, 80}}, "count"};
  EXPECT_EQ(repetition_medians(samples), (std::vector<double>{20, 50, 80}));
  EXPECT_EQ(median_of(samples), 50);
  const Json json = summary_json(samples);
  EXPECT_EQ(json.at("median_ns").as_number(), 50);
  EXPECT_EQ(json.at("n").as_integer(), 9);
  EXPECT_EQ(json.at("repetitions").as_integer(), 3);
  EXPECT_EQ(json.at("stop_reason").as_string(), "count");
  EXPECT_LE(json.at("low_ns").as_number(), 50);
  EXPECT_GE(json.at("high_ns").as_number(), 50);
}

TEST(ResultDocument, TooFewSamplesHaveNoInterval) {
  const Json json = summary_json({{{10, 20}, {30}}, "timeout"});
  EXPECT_TRUE(json.at("low_ns").is_null() && json.at("high_ns").is_null());
  EXPECT_TRUE(json.at("relative_half_width").is_null());
}

TEST(ResultDocument, LedgerEntry) {
  LedgerEntry entry;
  entry.steps = {{"fuse-gelu"}, {"eliminate-dead-code"}};
  EXPECT_TRUE(to_json(entry).at("measured").is_null());
  EXPECT_FALSE(to_json(entry).at("kept").as_bool(true)) << "it changed nothing";
  entry.changed = true;
  entry.measured = measure::Comparison{.speedup = 1.2, .low = 1.1, .high = 1.3};
  const Json json = to_json(entry);
  EXPECT_EQ(json.at("pass").as_string(), "fuse-gelu");
  EXPECT_TRUE(json.at("kept").as_bool());
  EXPECT_EQ(json.at("measured").at("speedup").as_number(), 1.2);
  EXPECT_EQ(json.at("measured").at("verdict").as_string(), "unclear");
}

TEST(ResultDocument, NamesTheGivenFiles) {
  Workload workload{{"rgb", "depth"}};
  EXPECT_EQ(workload_json(workload).at("given").dump(), "{}");
  workload.given = {{"rgb", "photo.jpg", Tensor()}};
  EXPECT_EQ(workload_json(workload).at("given").at("rgb").as_string(), "photo.jpg");
}

TEST(ResultDocument, CachesOfTheThreadsTogether) {
  measure::Environment environment;
  environment.caches.resize(3);
  for (int i = 0; i < 3; ++i) environment.caches[static_cast<size_t>(i)].level = i + 1;
  environment.caches[0].bytes = 32;
  environment.caches[0].shared_by = 2;
  environment.caches[1].bytes = 1000;
  environment.caches[1].shared_by = 1;
  environment.caches[2].bytes = 9000;
  environment.caches[2].shared_by = 16;
  EXPECT_EQ(usable_cache_bytes(environment, 1), (std::vector<int64_t>{32, 1000, 9000}));
  EXPECT_EQ(usable_cache_bytes(environment, 4), (std::vector<int64_t>{64, 4000, 9000}));
  EXPECT_EQ(usable_cache_bytes({}, 4), (std::vector<int64_t>{0, 0, 0}));
}

TEST(ResultDocument, RoofsThatWereNotMeasuredAreNull) {
  measure::Roofs roofs;
  roofs.by_threads = {{.threads = 2, .fp32_flops = 5e9}};
  const Json json = roofs_json(roofs, 2);
  EXPECT_EQ(json.at("threads").as_integer(), 2);
  EXPECT_EQ(json.at("fp32_flops").as_number(), 5e9);
  EXPECT_TRUE(json.at("l3_bytes_per_s").is_null());
}

TEST(ResultDocument, Model) {
  zoo::OpenedModel opened;
  Graph& graph = opened.model.graph;
  graph.name = "small";
  const ValueId x = graph.add_input("x", {DType::kF32, {1, 4}});
  const ValueId weight = graph.add_constant(Tensor({DType::kF32, {4, 4}}));
  const ValueId rows = graph.add_constant(Tensor::vector({0, 0}));
  graph.add_constant(Tensor({DType::kF32, {9}}));
  const ValueId product = graph.add_node(MatMul{}, {x, weight}).value()[0];
  graph.set_outputs({graph.add_node(Gather{0}, {product, rows}).value()[0]});
  const Json json = model_json(opened);
  EXPECT_EQ(json.at("parameters").as_integer(), 16) << "neither indices nor what nobody reads";
  EXPECT_EQ(json.at("inputs").items().at(0).at("name").as_string(), "x");
  EXPECT_EQ(json.at("sha256").as_string().size(), 64U);
}

}  // namespace
}  // namespace nitro::optimize
