#include "onnx/export_target.h"

#include <gtest/gtest.h>
#include <onnx-ml.pb.h>

#include "onnx/export_model.h"

namespace nitro::onnx {
namespace {

const ExportTarget& old_tensorrt() { return **find_export_target("tensorrt-8.0"); }

/// A graph of one op on an input.
Graph of(const Op& op, Shape shape = {1, 2, 4, 4}) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, std::move(shape)});
  const OriginId origin = graph.add_origin({"the_node", "module"});
  graph.set_outputs({(*graph.add_node(op, {x}, {origin}))[0]});
  return graph;
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
  for (const auto& [op, problem] : std::map<std::string, std::pair<Op, std::string>>{
           {"Sign", {Unary{UnaryKind::kSign}, "no such operator"}},
           {"Resize", {twice(ResizeCoordinates::kHalfPixel, NearestMode::kFloor), "asymmetric"}},
           {"resize", {twice(ResizeCoordinates::kAsymmetric, NearestMode::kCeil), "rounded"}},
           {"Pad", {Pad{{0, 1, 0, 0}, {0, 0, 0, 0}}, "last 2 axes"}},
           {"Pool", {dilated_average(), "dilated"}},
           {"pad", {Pad{{0, 0, 1, 0}, {0, 0, 0, 0}, PadMode::kEdge}, "zeros"}}}) {
    const auto encoded = export_model(of(problem.first), &old_tensorrt());
    ASSERT_FALSE(encoded) << op;
    EXPECT_EQ(encoded.error().code, ErrorCode::kUnsupportedOp) << op;
    EXPECT_TRUE(encoded.error().message.contains("'the_node'")) << encoded.error().message;
    EXPECT_TRUE(encoded.error().message.contains(problem.second)) << encoded.error().message;
  }
}

TEST(ExportTarget, TakesWhatIsThere) {
  for (const Op& op : {Op(twice(ResizeCoordinates::kAsymmetric, NearestMode::kFloor)),
                       Op(Pad{{0, 0, 1, 0}, {0, 0, 0, 2}}), Op(Unary{UnaryKind::kErf})}) {
    const auto encoded = export_model(of(op), &old_tensorrt());
    EXPECT_TRUE(encoded) << encoded.error().text();
  }
}

}  // namespace
}  // namespace nitro::onnx
