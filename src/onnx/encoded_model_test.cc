#include "onnx/encoded_model.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "onnx/export_model.h"
#include "onnx/export_state.h"

namespace nitro::onnx {
namespace {

Graph small_graph() {
  Graph graph;
  graph.name = "small";
  const ValueId x = graph.add_input("x", {DType::kF32, {2, 3}});
  const ValueId w =
      graph.add_constant(Tensor::of<double>(DType::kF32, {3, 2}, {1, 2, 3, 4, 5, 6}), "w");
  const ValueId b = graph.add_constant(Tensor(TensorType{DType::kF32, {2}}), "b");
  const ValueId product = graph.add_node(MatMul{}, {x, w}).value()[0];
  graph.set_outputs({graph.add_node(Binary{BinaryKind::kAdd}, {product, b}).value()[0]});
  return graph;
}

TEST(EncodedModel, IsWhatProtobufWouldWrite) {
  const std::string content = export_model(small_graph()).value().joined();
  ::onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(content));
  EXPECT_EQ(model.SerializeAsString(), content);
  ASSERT_EQ(model.graph().initializer_size(), 2);
  EXPECT_EQ(model.graph().initializer(0).raw_data().size(), 24U);
  EXPECT_EQ(model.graph().output_size(), 1);
  EXPECT_EQ(model.opset_import_size(), 1);
}

TEST(EncodedModel, HoldsTheWeightsOfTheGraphItself) {
  const Graph graph = small_graph();
  const EncodedModel encoded = export_model(graph).value();
  const auto* weights = reinterpret_cast<const char*>(graph.constant(1)->bytes().data());
  EXPECT_TRUE(std::ranges::any_of(encoded.pieces(), [&](std::string_view piece) {
    return piece.data() == weights && piece.size() == 24;
  }));
}

TEST(EncodedModel, OneFileHoldsTwoGigabytes) {
  Graph graph;
  const int64_t half = int64_t{1} << 30;
  // Pages that nobody touches take no memory.
  const std::shared_ptr<void> pages(std::calloc(static_cast<size_t>(half), 1), std::free);
  const Tensor large =
      Tensor::view({DType::kU8, {half}}, pages, static_cast<const std::byte*>(pages.get()));
  std::vector<ValueId> outputs;
  for (int i = 0; i < 2; ++i) {
    const ValueId constant = graph.add_constant(large);
    outputs.push_back(graph.add_node(Reshape{{half, 1}}, {constant}).value()[0]);
  }
  graph.set_outputs(outputs);
  EXPECT_EQ(export_model(graph).error().code, ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace nitro::onnx
