#include "trace/tensorrt_names.h"

#include <gtest/gtest.h>

namespace nitro::trace {
namespace {

/// A chain of nodes: each reads the output of the one before, "t0", "t1", …
std::vector<NetworkNode> chain(const std::vector<std::string>& names) {
  std::vector<NetworkNode> network;
  for (size_t i = 0; i < names.size(); ++i)
    network.push_back(
        {names[i], {i == 0 ? "x" : fmt::format("t{}", i - 1)}, {fmt::format("t{}", i)}});
  return network;
}

using Nodes = std::vector<size_t>;

LayerNodes only(const std::vector<std::string>& names, const std::string& layer) {
  return nodes_of_layers({{layer}}, chain(names))[0];
}

TEST(TensorrtNames, AreTakenApart) {
  const std::vector<std::string> names = {"Conv_0", "Relu_1", "Add_2", "Mul_3"};
  EXPECT_EQ(only(names, "Conv_0").nodes, Nodes{0});
  EXPECT_EQ(only(names, "Conv_0 + Relu_1").nodes, (Nodes{0, 1}));
  EXPECT_EQ(only(names, "Conv_0 || Add_2").nodes, (Nodes{0, 2}));
  EXPECT_EQ(only(names, "PWN(Relu_1)").nodes, Nodes{1});
  EXPECT_EQ(only(names, "PWN(PWN(PWN(Relu_1), PWN(Add_2)), Mul_3)").nodes, (Nodes{1, 2, 3}));
  EXPECT_EQ(only(names, "Conv_0 + PWN(Add_2)").nodes, (Nodes{0, 2}));
  EXPECT_EQ(only(names, "weight + QuantizeLinear_9 + Conv_0 + PWN(Relu_1)").nodes, (Nodes{0, 1}));
  EXPECT_EQ(only(names, "Conv_0 + Relu_1 [profile 2]").nodes, (Nodes{0, 1}));
  EXPECT_EQ(only(names, "Conv_0 + Relu_1").kind, LayerKind::kNodes);
}

TEST(TensorrtNames, LongNamesComeFirst) {
  const std::vector<std::string> names = {"a", "b", "a + b", "PWN(a", "c, d", "a copy", "e)"};
  EXPECT_EQ(only(names, "a + b").nodes, Nodes{2});
  EXPECT_EQ(only(names, "a + b + b").nodes, (Nodes{1, 2}));
  EXPECT_EQ(only(names, "PWN(a)").nodes, Nodes{3});
  EXPECT_EQ(only(names, "PWN(PWN(c, d), b)").nodes, (Nodes{1, 4}));
  EXPECT_EQ(only(names, "a copy").nodes, Nodes{5});
  EXPECT_EQ(only(names, "PWN(e))").nodes, Nodes{6});
  EXPECT_EQ(only({"Conv_1", "Conv_10"}, "Conv_10").nodes, Nodes{1}) << "no name is part of another";
}

TEST(TensorrtNames, ReformatsBelongToTheirLayer) {
  const LayerNodes layer =
      only({"Conv_0", "Relu_1"}, "Reformatting CopyNode for Output Tensor 0 to Conv_0 + Relu_1");
  EXPECT_EQ(layer.kind, LayerKind::kReformat);
  EXPECT_EQ(layer.nodes, (Nodes{0, 1}));
}

TEST(TensorrtNames, ReformatsOfRegions) {
  const auto layers =
      nodes_of_layers({{"Reformatting CopyNode for Input Tensor 0 to {ForeignNode[a...c]}"},
                       {"{ForeignNode[a...c]}"}},
                      chain({"a", "b", "c"}));
  EXPECT_EQ(layers[0].kind, LayerKind::kReformat);
  EXPECT_EQ(layers[0].nodes, (Nodes{0, 1, 2}));
}

TEST(TensorrtNames, CopiesBelongToTheConcatenation) {
  std::vector<NetworkNode> network = {{"a", {"x"}, {"s"}}, {"b", {"x"}, {"t"}}};
  network.push_back({"Concat_2", {"s", "t"}, {"y"}});
  const auto layers = nodes_of_layers({{"a"}, {"b"}, {"a copy"}, {"t copy"}}, network);
  EXPECT_EQ(layers[2].kind, LayerKind::kCopy);
  EXPECT_EQ(layers[2].nodes, Nodes{2});
  EXPECT_EQ(layers[3].nodes, Nodes{2});
}

TEST(TensorrtNames, RegionsHaveWhatLiesBetween) {
  const std::vector<NetworkNode> network = chain({"a", "b", "c", "d", "e"});
  auto layers = nodes_of_layers({{"a"}, {"{ForeignNode[b...d]}"}, {"e"}}, network);
  EXPECT_EQ(layers[1].kind, LayerKind::kForeign);
  EXPECT_EQ(layers[1].nodes, (Nodes{1, 2, 3}));
  layers = nodes_of_layers({{"{ForeignNode[b]}"}, {"{ForeignNode[what...d]}"}}, network);
  EXPECT_EQ(layers[0].nodes, (Nodes{0, 1})) << "a feeds only b";
  EXPECT_EQ(layers[1].nodes, (Nodes{2, 3})) << "up to what is another's";
}

TEST(TensorrtNames, RegionsHaveTheirBranches) {
  // q and k read x and meet in m; only q is named as the first.
  const std::vector<NetworkNode> network = {
      {"q", {"x"}, {"s"}}, {"k", {"x"}, {"t"}}, {"m", {"s", "t"}, {"u"}}, {"o", {"u"}, {"y"}}};
  EXPECT_EQ(nodes_of_layers({{"{ForeignNode[q...o]}"}}, network)[0].nodes, (Nodes{0, 1, 2, 3}));
}

TEST(TensorrtNames, DotsInNamesOfRegions) {
  const std::vector<NetworkNode> network = chain({"a...b", "c", "d...e"});
  EXPECT_EQ(nodes_of_layers({{"{ForeignNode[a...b...d...e]}"}}, network)[0].nodes,
            (Nodes{0, 1, 2}));
}

TEST(TensorrtNames, WhatTensorrtSaysIsBelieved) {
  EngineLayer layer{"__myl_whatever"};
  layer.onnx_nodes = {"b", "c", "unknown"};
  EXPECT_EQ(nodes_of_layers({layer}, chain({"a", "b", "c"}))[0].nodes, (Nodes{1, 2}));
}

TEST(TensorrtNames, TensorsTellOfLayersWithoutNames) {
  EngineLayer layer{"(Unnamed Layer* 16) [Shuffle]"};
  EXPECT_EQ(nodes_of_layers({layer}, chain({"a", "b"}))[0].kind, LayerKind::kUnknown);
  layer.outputs = {"t1"};
  EXPECT_EQ(nodes_of_layers({layer}, chain({"a", "b"}))[0].nodes, Nodes{1});
}

TEST(TensorrtNames, StandWhatIsNoName) {
  for (const std::string& layer :
       {std::string(), std::string(" + "), std::string("PWN("), std::string("PWN()"),
        std::string("))"), std::string("{ForeignNode["), std::string("{ForeignNode[]}"),
        std::string("{ForeignNode[...]}"), std::string(" copy"),
        std::string("Reformatting CopyNode for "),
        std::string("Reformatting CopyNode for Input Tensor 0 to "), std::string(" [profile "),
        std::string(100'000, '('), std::string(50'000, ',')}) {
    EXPECT_TRUE(only({"a", "b"}, layer).nodes.empty()) << layer.substr(0, 40);
  }
}

}  // namespace
}  // namespace nitro::trace
