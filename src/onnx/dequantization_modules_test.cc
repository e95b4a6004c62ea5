#include "onnx/dequantization_modules.h"

#include <gtest/gtest.h>
#include <onnx-ml.pb.h>

#include "onnx/module_path.h"

namespace nitro::onnx {
namespace {

::onnx::NodeProto& add(::onnx::GraphProto& graph, const char* op_type, const char* name,
                       const char* input, const char* output) {
  ::onnx::NodeProto& node = *graph.add_node();
  node.set_op_type(op_type);
  node.set_name(name);
  node.add_input(input);
  node.add_output(output);
  return node;
}

TEST(DequantizationModules, AreThoseOfTheReaders) {
  ::onnx::GraphProto graph;
  add(graph, "DequantizeLinear", "/norm/x_DequantizeLinear", "x", "x_dq");
  add(graph, "DequantizeLinear", "w_DequantizeLinear", "w", "w_dq");
  add(graph, "MatMul", "/attn/q/MatMul", "x_dq", "q").add_input("w_dq");
  add(graph, "MatMul", "/attn/k/MatMul", "x_dq", "k");
  set_modules_of_dequantizations(graph);
  EXPECT_EQ(module_path(graph.node(0)), "attn");
  EXPECT_EQ(module_path(graph.node(1)), "attn.q");
}

TEST(DequantizationModules, StayWhereNothingIsKnown) {
  ::onnx::GraphProto graph;
  add(graph, "DequantizeLinear", "/norm/x_DequantizeLinear", "x", "x_dq");
  add(graph, "MatMul", "MatMul_1", "x_dq", "q");
  auto& written = add(graph, "DequantizeLinear", "dq", "y", "y_dq");
  auto& entry = *written.add_metadata_props();
  entry.set_key("nitro.module");
  entry.set_value("head");
  add(graph, "MatMul", "/attn/q/MatMul", "y_dq", "p");
  set_modules_of_dequantizations(graph);
  EXPECT_EQ(module_path(graph.node(0)), "norm");
  EXPECT_EQ(module_path(graph.node(2)), "head");
}

}  // namespace
}  // namespace nitro::onnx
