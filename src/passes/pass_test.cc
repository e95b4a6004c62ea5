#include "passes/pass.h"

#include "passes/testing.h"

namespace nitro::passes {
namespace {

Graph small_graph() {
  TestGraph graph;
  const ValueId x = graph.input({2, 3, 8});
  return graph.finish({graph.linear(graph.reshape(x, {2, 3, 8}), 4)});
}

TEST(Pass, AllAreSortedByName) {
  const auto passes = all_passes();
  EXPECT_TRUE(std::ranges::is_sorted(passes, std::less{}, &Pass::name));
  for (const Pass& pass : passes) {
    EXPECT_FALSE(pass.summary.empty()) << pass.name;
    ASSERT_TRUE(find_pass(pass.name).has_value());
    EXPECT_EQ((*find_pass(pass.name))->run, pass.run);
  }
}

TEST(Pass, SuggestsANearName) {
  const auto found = find_pass("fuse-gleu");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, ErrorCode::kBadRecipe);
  EXPECT_NE(found.error().hint.find("fuse-gelu"), std::string::npos) << found.error().hint;
}

TEST(Pass, ShowsAnUnknownNameSafely) {
  const auto found = find_pass("\x1b[31m");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().message.find('\x1b'), std::string::npos);
}

TEST(Pass, RefusesUnknownParameters) {
  Graph graph = small_graph();
  const auto changed = run_pass(**find_pass("remove-identities"), graph, {{"level", "3"}});
  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(changed.error().code, ErrorCode::kBadRecipe);
  EXPECT_NE(changed.error().message.find("level"), std::string::npos);
  EXPECT_TRUE(equal(graph, small_graph()));
}

TEST(Pass, SaysWhetherItChangedTheGraph) {
  Graph graph = small_graph();
  const Pass& pass = **find_pass("remove-identities");
  EXPECT_TRUE(run_pass(pass, graph).value());
  EXPECT_EQ(count<Reshape>(graph), 0U);
  EXPECT_FALSE(run_pass(pass, graph).value());
}

TEST(Pass, EachLeavesAGraphWithoutNodesAlone) {
  for (const Pass& pass : all_passes()) {
    if (!runs_alone(pass)) continue;
    TestGraph builder;
    Graph graph = builder.finish({builder.input({2, 3})});
    const auto changed = run_pass(pass, graph);
    ASSERT_TRUE(changed.has_value()) << pass.name << ": " << changed.error().text();
    EXPECT_FALSE(*changed) << pass.name;
  }
}

TEST(Pass, EachKeepsTheFunctionOfATransformerBlock) {
  for (const Pass& pass : all_passes()) {
    if (!runs_alone(pass)) continue;
    SCOPED_TRACE(std::string(pass.name));
    TestGraph builder(11);
    const ValueId image = builder.input({1, 1, 8, 8});
    const ValueId centred = builder.sub(image, builder.weight({1, 3, 1, 1}));
    const Conv conv{.strides = {4, 4},
                    .dilations = {1, 1},
                    .pads_before = {0, 0},
                    .pads_after = {0, 0},
                    .group = 1};
    const ValueId map = builder.node(conv, {centred, builder.weight({8, 3, 4, 4})});
    const ValueId x = builder.transpose(builder.reshape(map, {1, 8, 4}), {0, 2, 1});
    const ValueId normed = builder.layer_norm(x);
    const auto heads = [&](Ints perm) {
      return builder.transpose(builder.reshape(builder.linear(normed, 8), {1, 4, 2, 4}), perm);
    };
    const ValueId scores = builder.node(MatMul{}, {heads({0, 2, 1, 3}), heads({0, 2, 3, 1})});
    const ValueId weights =
        builder.node(Softmax{3, false}, {builder.div(scores, builder.scalar(2))});
    const ValueId mixed = builder.node(MatMul{}, {weights, heads({0, 2, 1, 3})});
    const ValueId joined = builder.reshape(builder.transpose(mixed, {0, 2, 1, 3}), {1, 4, 8});
    const ValueId h = builder.add(builder.linear(joined, 8), x);
    const ValueId hidden = builder.node(Gelu{}, {builder.linear(builder.layer_norm(h), 12)});
    const ValueId y = builder.add(builder.linear(hidden, 8), h);
    const ValueId token = builder.node(Gather{1}, {y, builder.indices({0})});
    const Graph before = builder.finish({builder.layer_norm(token)});

    Graph after = before;
    const auto changed = run_pass(pass, after);
    ASSERT_TRUE(changed.has_value()) << changed.error().text();
    expect_equivalent(before, after, 1e-4);
  }
}

}  // namespace
}  // namespace nitro::passes
