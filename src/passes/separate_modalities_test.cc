#include "passes/testing.h"

namespace nitro::passes {
namespace {

const Parameters kTwo = {{"modalities", "rgb,depth"}};

/// An image through a convolution and a linear layer, with a constant that two nodes read.
Graph small_model() {
  TestGraph graph;
  const ValueId x = graph.input({1, 3, 4, 4});
  const ValueId patches =
      graph.node(Conv{{2, 2}, {1, 1}, {0, 0}, {0, 0}}, {x, graph.weight({5, 3, 2, 2})});
  const ValueId rows = graph.reshape(patches, {5, 4});
  const ValueId bias = graph.weight({6});
  const ValueId y = graph.add(graph.linear(graph.add(graph.linear(rows, 6), bias), 6), bias);
  return graph.finish({y, graph.node(Gelu{}, {y})});
}

std::vector<double> run(const Graph& graph, const std::vector<Tensor>& inputs, size_t output) {
  const auto outputs = reference::execute(graph, inputs);
  EXPECT_TRUE(outputs.has_value()) << outputs.error().text();
  return outputs ? (*outputs)[output].as<double>() : std::vector<double>{};
}

TEST(SeparateModalities, EachCopyGivesWhatTheModelGives) {
  const Graph before = small_model();
  Graph after = before;
  ASSERT_TRUE(separate_modalities(after, kTwo).value());
  ASSERT_TRUE(verify(after).has_value());
  const std::vector<Tensor> images = random_inputs(after, 3);
  ASSERT_EQ(images.size(), 2U);
  for (size_t modality = 0; modality < 2; ++modality) {
    for (size_t output = 0; output < 2; ++output)
      EXPECT_EQ(run(after, images, 2 * modality + output), run(before, {images[modality]}, output));
  }
  EXPECT_EQ(after.value(after.inputs()[1]).name, "depth");
  EXPECT_TRUE(after.value(after.outputs()[3]).name.ends_with(".depth"));
  expect_unchanged(separate_modalities, after, kTwo);
}

TEST(SeparateModalities, SharesConstantsAndPrefixesModules) {
  const Graph before = small_model();
  Graph after = before;
  ASSERT_TRUE(separate_modalities(after, kTwo).value());
  EXPECT_EQ(after.constant_bytes(), before.constant_bytes());
  std::set<std::string> modules;
  for (const Origin& origin : after.origins())
    modules.insert(origin.module.substr(0, origin.module.find('.')));
  EXPECT_EQ(modules, (std::set<std::string>{"depth", "rgb"}));
}

TEST(SeparateModalities, AGreyModalityEntersAsOneChannel) {
  Graph after = small_model();
  ASSERT_TRUE(separate_modalities(after, {{"modalities", "rgb,depth"}, {"grey", "depth"}}).value());
  EXPECT_EQ(after.type(after.inputs()[0]).shape, (Shape{1, 3, 4, 4}));
  EXPECT_EQ(after.type(after.inputs()[1]).shape, (Shape{1, 1, 4, 4}));
}

TEST(SeparateModalities, LeavesOneModalityAndRefusesWhatItCannotCopy) {
  Graph graph = small_model();
  expect_unchanged(separate_modalities, graph, {{"modalities", "rgb"}});
  EXPECT_EQ(separate_modalities(graph, {}).error().code, ErrorCode::kBadRecipe);
  TestGraph two;
  const ValueId a = two.input({2, 3}), b = two.input({2, 3});
  Graph with_two = two.finish({two.add(a, b)});
  EXPECT_EQ(separate_modalities(with_two, kTwo).error().code, ErrorCode::kUnsupportedOp);
  TestGraph constant;
  constant.input({2, 3});
  Graph fixed = constant.finish({constant.weight({2, 3})});
  EXPECT_EQ(separate_modalities(fixed, kTwo).error().code, ErrorCode::kBadModel);
}

}  // namespace
}  // namespace nitro::passes
