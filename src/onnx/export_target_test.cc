#include "onnx/export_target.h"

#include <gtest/gtest.h>
#include <onnx-ml.pb.h>

#include "base/text.h"
#include "onnx/export_model.h"

namespace nitro::onnx {
namespace {

const ExportTarget& target(std::string_view name) { return **find_export_target(name); }
const ExportTarget& old_tensorrt() { return target("tensorrt-8.0"); }

/// A graph of one op on inputs.
Graph of(const Op& op, const std::vector<TensorType>& types) {
  Graph graph;
  std::vector<ValueId> inputs;
  for (const TensorType& type : types)
    inputs.push_back(graph.add_input(fmt::format("x{}", inputs.size()), type));
  const OriginId origin = graph.add_origin({"the_node", "module"});
  graph.set_outputs({(*graph.add_node(op, inputs, {origin}))[0]});
  return graph;
}

Graph of(const Op& op, Shape shape = {1, 2, 4, 4}) {
  return of(op, {{DType::kF32, std::move(shape)}});
}

::onnx::ModelProto written(const Graph& graph, std::string_view name) {
  const auto encoded = export_model(graph, &target(name));
  ::onnx::ModelProto model;
  EXPECT_TRUE(encoded) << encoded.error().text();
  if (encoded) model.ParseFromString(encoded->joined());
  return model;
}

void expect_refused(const Graph& graph, std::string_view name, std::string_view problem) {
  const auto encoded = export_model(graph, &target(name));
  ASSERT_FALSE(encoded) << name << " " << problem;
  EXPECT_EQ(encoded.error().code, ErrorCode::kUnsupportedOp);
  EXPECT_TRUE(encoded.error().message.contains("'the_node'")) << encoded.error().message;
  EXPECT_TRUE(encoded.error().message.contains(problem)) << encoded.error().message;
}

Resize twice(ResizeCoordinates coordinates, NearestMode nearest) {
  Resize op;
  op.coordinates = coordinates;
  op.nearest = nearest;
  op.scales = {1, 1, 2, 2};
  op.sizes = {1, 2, 8, 8};
  return op;
}

Pool dilated_average() {
  Pool op;
  op.kind = PoolKind::kAverage;
  op.kernel = {2, 2};
  op.strides = {1, 1};
  op.dilations = {2, 2};
  op.pads_before = op.pads_after = {0, 0};
  op.out = {2, 2};
  return op;
}

/// Over pairs of each of two axes of three elements.
Pool pool_of_norms(int64_t out) {
  Pool op;
  op.kind = PoolKind::kLp;
  op.kernel = op.strides = {2, 2};
  op.dilations = {1, 1};
  op.pads_before = op.pads_after = {0, 0};
  op.out = {out, out};
  op.p = 2;
  return op;
}

/// Over pairs of one axis of four elements.
Pool pool_of_one_axis(PoolKind kind) {
  Pool op;
  op.kind = kind;
  op.kernel = {2};
  op.strides = op.dilations = {1};
  op.pads_before = op.pads_after = {0};
  op.out = {3};
  return op;
}

Graph scattered(ScatterReduction reduction) {
  return of(ScatterND{reduction}, {{DType::kF32, {4}}, {DType::kI64, {2, 1}}, {DType::kF32, {2}}});
}

Graph sampled(const Shape& x, const Shape& grid) {
  return of(GridSample{}, {{DType::kF32, x}, {DType::kF32, grid}});
}

TEST(ExportTarget, UnknownOnesNameTheNearest) {
  const auto found = find_export_target("tensorrt-8.3");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kUsage);
  EXPECT_TRUE(found.error().hint.contains("tensorrt-8.0"));
}

TEST(ExportTarget, ItsOpsetHasAxesAsAttributes) {
  const auto encoded = export_model(of(Reduce{ReduceKind::kMean, {2, 3}, true}), &old_tensorrt());
  ASSERT_TRUE(encoded) << encoded.error().text();
  ::onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(encoded->joined()));
  EXPECT_EQ(model.opset_import(0).version(), 13);
  EXPECT_EQ(model.ir_version(), 7);
  EXPECT_EQ(model.graph().node(0).input_size(), 1);
  EXPECT_EQ(model.graph().initializer_size(), 0);
}

TEST(ExportTarget, RefusesWhatIsNotThereByName) {
  for (const auto& [op, problem] : std::vector<std::pair<Op, std::string>>{
           {Unary{UnaryKind::kSign}, "no such operator"},
           {twice(ResizeCoordinates::kHalfPixel, NearestMode::kFloor),
            "half_pixel, not asymmetric"},
           {twice(ResizeCoordinates::kAsymmetric, NearestMode::kCeil), "ceil, not floor"},
           {Pad{{0, 1, 0, 0}, {0, 0, 0, 0}}, "last 2 axes"},
           {dilated_average(), "dilated"},
           {Pad{{0, 0, 1, 0}, {0, 0, 0, 0}, PadMode::kEdge}, "zeros"}})
    expect_refused(of(op), "tensorrt-8.0", problem);
}

TEST(ExportTarget, TakesWhatIsThere) {
  for (const Op& op : {Op(twice(ResizeCoordinates::kAsymmetric, NearestMode::kFloor)),
                       Op(Pad{{0, 0, 1, 0}, {0, 0, 0, 2}}), Op(Unary{UnaryKind::kErf})})
    written(of(op), "tensorrt-8.0");
}

TEST(ExportTarget, NewerOnesTakeMore) {
  const Op resize = twice(ResizeCoordinates::kHalfPixel, NearestMode::kCeil);
  for (const char* name : {"tensorrt-8.2", "tensorrt-8.6", "tensorrt-10", "onnxruntime-1.11"}) {
    for (const Op& op :
         {Op(Unary{UnaryKind::kSign}), resize, Op(Pad{{0, 1, 0, 0}, {0, 0, 0, 0}, PadMode::kEdge})})
      written(of(op), name);
  }
  expect_refused(of(Unary{UnaryKind::kHardSwish}), "tensorrt-8.2", "no such operator");
  for (const char* name : {"tensorrt-8.6", "tensorrt-10", "onnxruntime-1.11"})
    written(of(Unary{UnaryKind::kHardSwish}), name);
  expect_refused(of(Unary{UnaryKind::kMish}), "onnxruntime-1.11", "no such operator");
}

TEST(ExportTarget, EachHasItsOpsetAndTheVersionOfItsTime) {
  const std::map<std::string, std::pair<int64_t, int64_t>> versions = {
      {"onnxruntime-1.11", {16, 8}}, {"tensorrt-10", {20, 9}},  {"tensorrt-8.0", {13, 7}},
      {"tensorrt-8.2", {13, 7}},     {"tensorrt-8.6", {17, 8}},
  };
  ASSERT_EQ(export_targets().size(), versions.size());
  for (const ExportTarget& row : export_targets()) {
    const auto [opset, ir_version] = versions.at(row.name);
    const ::onnx::ModelProto model = written(of(Unary{UnaryKind::kErf}), row.name);
    EXPECT_EQ(model.opset_import(0).version(), opset) << row.name;
    EXPECT_EQ(model.ir_version(), ir_version) << row.name;
  }
}

TEST(ExportTarget, WhatIsKeptHasNoFormThatIsSplit) {
  const auto words = [](std::string_view name) {
    const std::string kept = kept_operators(target(name));
    std::set<std::string> found;
    for (std::string_view word : split(kept, ' ')) found.emplace(word);
    return found;
  };
  EXPECT_FALSE(words("tensorrt-8.0").contains("Pad"));
  EXPECT_FALSE(words("tensorrt-8.2").contains("Conv"));
  EXPECT_TRUE(words("tensorrt-8.2").contains("Pad"));
  EXPECT_TRUE(words("tensorrt-8.6").contains("Conv"));
  EXPECT_TRUE(words("tensorrt-8.6").contains("LayerNormalization"));
  EXPECT_FALSE(words("onnxruntime-1.11").contains("LayerNormalization"));
}

TEST(ExportTarget, FormsOfOneAxis) {
  const Conv conv{{1}, {1}, {1}, {1}, 1};
  const Graph convolved = of(conv, {{DType::kF32, {1, 2, 4}}, {DType::kF32, {2, 2, 3}}});
  expect_refused(convolved, "tensorrt-8.2", "over one axis");
  written(convolved, "tensorrt-8.6");
  const Graph average = of(pool_of_one_axis(PoolKind::kAverage), Shape{1, 2, 4});
  expect_refused(average, "tensorrt-10", "over one axis");
  written(average, "onnxruntime-1.11");
  const Graph largest = of(pool_of_one_axis(PoolKind::kMax), Shape{1, 2, 4});
  written(largest, "tensorrt-8.2");
  expect_refused(largest, "tensorrt-8.6", "over one axis");
}

TEST(ExportTarget, TypesThatAnOperatorLacks) {
  const Op largest = ArgReduce{.axis = 1};
  for (const char* name : {"tensorrt-8.2", "onnxruntime-1.11"}) {
    written(of(largest, Shape{2, 5}), name);
    expect_refused(of(largest, {{DType::kI64, {2, 5}}}), name, "of i64, not ");
  }
  expect_refused(of(largest, {{DType::kI32, {2, 5}}}), "tensorrt-8.2", "of i32, not f16 or f32");
  written(of(largest, {{DType::kI32, {2, 5}}}), "onnxruntime-1.11");
  written(of(largest, {{DType::kI64, {2, 5}}}), "tensorrt-8.6");
}

TEST(ExportTarget, AttributesThatItLacks) {
  Pool largest = pool_of_norms(1);
  largest.kind = PoolKind::kMax;
  largest.strides = {1, 1};
  largest.dilations = {2, 2};
  const Graph dilated = of(largest, Shape{1, 2, 3, 3});
  written(dilated, "onnxruntime-1.11");
  expect_refused(dilated, "tensorrt-10", "with dilations");
  Pool average = pool_of_norms(2);
  average.kind = PoolKind::kAverage;
  written(of(average, Shape{1, 2, 3, 3}), "onnxruntime-1.11");
  average.count_padding = true;
  expect_refused(of(average, Shape{1, 2, 3, 3}), "onnxruntime-1.11",
                 "with ceil_mode and count_include_pad");
  written(of(average, Shape{1, 2, 3, 3}), "tensorrt-8.2");
}

TEST(ExportTarget, SizesThatScalesMayMiss) {
  Resize op = twice(ResizeCoordinates::kAsymmetric, NearestMode::kFloor);
  EXPECT_EQ(written(of(op), "tensorrt-8.0").graph().node(0).input_size(), 3) << "scales";
  op.scales = {1, 1, 7.0 / 3, 7.0 / 3};
  op.sizes = {1, 2, 7, 7};
  const ::onnx::ModelProto model = written(of(op, Shape{1, 2, 3, 3}), "tensorrt-8.0");
  EXPECT_EQ(model.graph().node(0).input(2), "");
  EXPECT_EQ(model.graph().node(0).input_size(), 4) << "sizes";
}

TEST(ExportTarget, FormsOfOlderOpsets) {
  EXPECT_EQ(
      written(scattered(ScatterReduction::kNone), "tensorrt-8.2").graph().node(0).attribute_size(),
      0);
  expect_refused(scattered(ScatterReduction::kAdd), "tensorrt-8.2", "with reduction");
  expect_refused(scattered(ScatterReduction::kAdd), "tensorrt-10", "with reduction");
  written(scattered(ScatterReduction::kAdd), "onnxruntime-1.11");
  expect_refused(scattered(ScatterReduction::kMax), "onnxruntime-1.11", "largest");
  const Graph images = sampled({1, 2, 4, 4}, {1, 3, 3, 2});
  EXPECT_EQ(written(images, "tensorrt-8.6").graph().node(0).attribute(0).s(), "bilinear");
  EXPECT_EQ(written(images, "tensorrt-10").graph().node(0).attribute(0).s(), "linear");
  expect_refused(sampled({1, 2, 4, 4, 4}, {1, 3, 3, 3, 3}), "tensorrt-8.6", "not of images");
  const Pad wraps{{0, 0, 1, 0}, {0, 0, 0, 0}, PadMode::kWrap};
  expect_refused(of(wraps), "tensorrt-8.6", "wrapping");
  written(of(wraps), "tensorrt-10");
  written(of(pool_of_norms(1), Shape{1, 2, 3, 3}), "tensorrt-8.2");
  expect_refused(of(pool_of_norms(2), Shape{1, 2, 3, 3}), "tensorrt-8.2", "with ceil_mode");
  written(of(pool_of_norms(2), Shape{1, 2, 3, 3}), "tensorrt-10");
  const Op symmetric = twice(ResizeCoordinates::kHalfPixelSymmetric, NearestMode::kFloor);
  expect_refused(of(symmetric), "onnxruntime-1.11", "half_pixel_symmetric");
  expect_refused(of(symmetric), "tensorrt-10", "half_pixel_symmetric, not ");
}

}  // namespace
}  // namespace nitro::onnx
