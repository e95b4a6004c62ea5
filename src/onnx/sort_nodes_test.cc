#include "onnx/sort_nodes.h"

#include <gtest/gtest.h>
#include <onnx-ml.pb.h>

#include <numeric>

namespace nitro::onnx {
namespace {

::onnx::NodeProto& add_node(::onnx::GraphProto& graph, const std::string& input,
                            const std::string& output) {
  ::onnx::NodeProto& node = *graph.add_node();
  node.set_op_type("Relu");
  node.set_name("makes " + output);
  node.add_input(input);
  node.add_output(output);
  return node;
}

bool is_x(const std::string& name) { return name == "x"; }

std::string error_of(const ::onnx::GraphProto& graph) {
  const auto order = sort_nodes(graph, is_x);
  return order ? "" : order.error().message;
}

TEST(SortNodes, KeepsAnOrderThatIsOne) {
  ::onnx::GraphProto graph;
  add_node(graph, "x", "a");
  add_node(graph, "x", "b");
  add_node(graph, "a", "c");
  EXPECT_EQ(sort_nodes(graph, is_x), (std::vector{0, 1, 2}));
}

TEST(SortNodes, SortsAReversedChainOfAMillion) {
  constexpr int kCount = 1'000'000;
  ::onnx::GraphProto graph;
  for (int i = kCount; i-- > 0;) {
    auto& node = *graph.add_node();
    node.add_input(i == 0 ? "x" : std::to_string(i - 1));
    node.add_output(std::to_string(i));
  }
  std::vector<int> wanted(kCount);
  std::iota(wanted.rbegin(), wanted.rend(), 0);
  EXPECT_TRUE(sort_nodes(graph, is_x) == wanted);
}

TEST(SortNodes, NamesWhatIsWrong) {
  ::onnx::GraphProto cycle;
  add_node(cycle, "b", "a");
  add_node(cycle, "a", "b");
  EXPECT_TRUE(error_of(cycle).contains("'makes a' (Relu) is part of a cycle")) << error_of(cycle);
  ::onnx::GraphProto undefined;
  add_node(undefined, "ghost", "a");
  EXPECT_EQ(error_of(undefined),
            "node 'makes a' (Relu) reads tensor 'ghost', which nothing defines");
  ::onnx::GraphProto twice;
  add_node(twice, "x", "a");
  add_node(twice, "x", "a");
  EXPECT_EQ(error_of(twice), "tensor 'a' has two definitions, one by node 'makes a' (Relu)");
  ::onnx::GraphProto input;
  add_node(input, "x", "x");
  EXPECT_TRUE(error_of(input).contains("'x' has two definitions"));
}

TEST(SortNodes, SubgraphsReadFromOutside) {
  ::onnx::GraphProto graph;
  add_node(graph, "x", "y").set_op_type("If");
  auto& attribute = *graph.mutable_node(0)->add_attribute();
  ::onnx::GraphProto& branch = *attribute.mutable_g();
  add_node(branch, "late", "inner");
  branch.add_output()->set_name("inner");
  add_node(graph, "x", "late");
  EXPECT_EQ(reads_of(graph.node(0)), (std::vector<std::string>{"x", "late"}));
  EXPECT_EQ(sort_nodes(graph, is_x), (std::vector{1, 0}));
  EXPECT_EQ(subgraph_depth(graph), 1);
}

}  // namespace
}  // namespace nitro::onnx
