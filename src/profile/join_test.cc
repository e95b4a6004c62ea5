#include "profile/join.h"

#include <gtest/gtest.h>

namespace nitro::profile {
namespace {

using Names = std::vector<std::string>;
using Indices = std::vector<size_t>;

onnx::ModelNode node(Names inputs, Names outputs) {
  onnx::ModelNode made;
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

runner::NodeTime executed(Names inputs, Names outputs) {
  runner::NodeTime made;
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

/// x -> MatMul -> m -> Add -> a -> Relu -> y
onnx::ImportedModel linear_model() {
  onnx::ImportedModel model;
  model.nodes = {node({"x", "w"}, {"m"}), node({"m", "b"}, {"a"}), node({"a"}, {"y"})};
  return model;
}

TEST(Join, OneToOne) {
  const auto covered = join(linear_model(), {executed({"x", "w"}, {"m"}),
                                             executed({"m", "b"}, {"a"}), executed({"a"}, {"y"})});
  ASSERT_EQ(covered.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(covered[i].nodes, Indices{i});
    EXPECT_FALSE(covered[i].inserted);
  }
}

TEST(Join, AFusionCoversEverythingUpToItsInputs) {
  const auto covered = join(linear_model(), {executed({"x", "w", "b"}, {"y"})});
  EXPECT_EQ(covered[0].nodes, (Indices{0, 1, 2}));
  EXPECT_FALSE(covered[0].inserted);
}

TEST(Join, InsertedReshapesBorrowFromTheGemmBetweenThem) {
  const auto covered = join(
      linear_model(), {executed({"x", "shape"}, {"x_2d"}), executed({"x_2d", "w", "b"}, {"a_2d"}),
                       executed({"a_2d", "shape_back"}, {"a"}), executed({"a"}, {"y"})});
  EXPECT_EQ(covered[0].nodes, (Indices{0, 1}));
  EXPECT_EQ(covered[1].nodes, (Indices{0, 1}));
  EXPECT_EQ(covered[2].nodes, (Indices{0, 1}));
  EXPECT_EQ(covered[3].nodes, Indices{2});
  EXPECT_TRUE(covered[0].inserted && covered[1].inserted);
  EXPECT_FALSE(covered[2].inserted || covered[3].inserted);
}

TEST(Join, AFusionStopsAtATensorThatSomebodyElseDelivers) {
  onnx::ImportedModel model = linear_model();
  model.nodes.push_back(node({"m"}, {"z"}));
  const auto covered = join(
      model, {executed({"x", "w"}, {"m"}), executed({"m", "b"}, {"y"}), executed({"m"}, {"z"})});
  EXPECT_EQ(covered[0].nodes, Indices{0});
  EXPECT_EQ(covered[1].nodes, (Indices{1, 2}));
  EXPECT_EQ(covered[2].nodes, Indices{3});
}

TEST(Join, ANodeFoldedIntoTwoReadersBelongsToTheFirst) {
  onnx::ImportedModel model;
  model.nodes = {node({"x"}, {"s"}), node({"s"}, {"y"}), node({"s"}, {"z"})};
  const auto covered = join(model, {executed({"x"}, {"y"}), executed({"x"}, {"z"})});
  EXPECT_EQ(covered[0].nodes, (Indices{0, 1}));
  EXPECT_EQ(covered[1].nodes, Indices{2});
}

TEST(Join, AbsentOptionalInputsAndOutputsAreNoTensors) {
  onnx::ImportedModel model;
  model.nodes = {node({"x", ""}, {"a", ""}), node({"a", "", "c"}, {"y", ""})};
  const auto covered =
      join(model, {executed({"x", ""}, {"a", ""}), executed({"a", "", "c"}, {"y", ""}),
                   executed({"", "q"}, {"", "r"})});
  EXPECT_EQ(covered[0].nodes, Indices{0});
  EXPECT_EQ(covered[1].nodes, Indices{1});
  EXPECT_TRUE(covered[2].nodes.empty()) << "nothing but an absent operand joins it to the model";
  EXPECT_TRUE(covered[2].inserted);
}

TEST(Join, AStrangerStaysUncoveredAndNothingIsNothing) {
  const auto covered = join(linear_model(), {executed({"p"}, {"q"}), executed({"q"}, {"p"})});
  EXPECT_TRUE(covered[0].nodes.empty() && covered[1].nodes.empty());
  EXPECT_TRUE(join(linear_model(), {}).empty());
  EXPECT_TRUE(join({}, {executed({"x"}, {"y"})})[0].nodes.empty());
}

TEST(Join, NamedOriginsAreExact) {
  onnx::ImportedModel model = linear_model();
  model.nodes[0].origins = {{"a", "net"}};
  model.nodes[1].origins = {{"b", "net"}, {"c", "net"}};
  model.nodes[2].origins = {{"c", "net"}};
  std::vector<runner::NodeTime> nodes{executed({"x"}, {"y"}), executed({"x"}, {"y"}),
                                      executed({"y"}, {"y"})};
  nodes[0].origins = Names{"c", "a"};
  nodes[1].origins = Names{"b", "unknown"};
  nodes[2].origins = Names{};
  const auto covered = join(model, nodes);
  EXPECT_EQ(covered[0].nodes, (Indices{0, 1, 2}));
  EXPECT_EQ(covered[1].nodes, Indices{1});
  EXPECT_TRUE(covered[2].nodes.empty()) << "it borrows from nobody";
}

TEST(Join, AnEdgeDoneTwiceByTheBackendIsShared) {
  const auto covered =
      join(linear_model(),
           {executed({"x"}, {"reordered"}), executed({"reordered", "w", "b"}, {"blocked"}),
            executed({"blocked"}, {"blocked_relu"}), executed({"blocked_relu"}, {"y"})});
  for (const Covered& each : covered) EXPECT_EQ(each.nodes, (Indices{0, 1, 2}));
}

}  // namespace
}  // namespace nitro::profile
