#include "optimize/layer_changes.h"

#include "passes/testing.h"

namespace nitro::optimize {
namespace {

/// An MLP of `hidden` neurons in the module mlp, after a norm in the module norm.
Graph mlp(int64_t hidden) {
  passes::TestGraph graph;
  const ValueId x = graph.input({4, 8});
  graph.enter("norm");
  const ValueId norm = graph.layer_norm(x);
  graph.enter("mlp.fc1");
  const ValueId inner = graph.linear(norm, hidden);
  graph.enter("mlp.act");
  const ValueId act = graph.node(Gelu{}, {inner});
  graph.enter("mlp.fc2");
  return graph.finish({graph.reshape(graph.linear(act, 8), {8, 4})});
}

TEST(LayerChanges, NamesTheModulesThatDiffer) {
  const std::vector<LayerChange> changes = layer_changes(mlp(16), mlp(8));
  ASSERT_EQ(changes.size(), 3U) << "not the norm, and no reshape";
  EXPECT_EQ(changes[0].module, "mlp.fc1");
  EXPECT_EQ(changes[0].before.ops, "MatMul [8,16], Add [16]");
  EXPECT_EQ(changes[0].after.ops, "MatMul [8,8], Add [8]");
  EXPECT_EQ(changes[0].before.flops, 2 * changes[0].after.flops);
  EXPECT_EQ(changes[0].before.weight_bytes, 4 * (8 * 16 + 16));
  EXPECT_EQ(changes[1].module, "mlp.act");
  EXPECT_EQ(changes[2].after.ops, "MatMul [8,8], Add [8]");
  EXPECT_EQ(changes[2].before.ops, "MatMul [16,8], Add [8]");
  EXPECT_TRUE(layer_changes(mlp(8), mlp(8)).empty());
}

TEST(LayerChanges, ShowsWhatWentAndWhatIsNew) {
  passes::TestGraph graph;
  graph.enter("mlp");
  const Graph after = graph.finish({graph.linear(graph.input({4, 8}), 8)});
  const std::vector<LayerChange> changes = layer_changes(mlp(8), after);
  ASSERT_EQ(changes.size(), 5U);
  EXPECT_EQ(changes[1].after.ops, "");
  EXPECT_EQ(changes[4].module, "mlp");
  EXPECT_EQ(changes[4].before.ops, "");
  EXPECT_EQ(to_json(changes).items().size(), 5U);
}

}  // namespace
}  // namespace nitro::optimize
