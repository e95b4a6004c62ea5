#include "passes/lossy/testing.h"

namespace nitro::passes {
namespace {

constexpr int64_t kHeads = 4, kSize = 4, kTokens = 6;

/// A matrix [rows, 3 * 4 heads * 4] of q, k and v, in which heads 2 and 3 are heads 0 and 1 again.
std::vector<double> doubled_heads(Random& random, int64_t rows) {
  const int64_t half = kHeads * kSize / 2;
  std::vector<double> values;
  for (int64_t row = 0; row < rows; ++row) {
    for (int part = 0; part < 3; ++part) {
      const std::vector<double> heads = random_values(random, half);
      values.insert(values.end(), heads.begin(), heads.end());
      values.insert(values.end(), heads.begin(), heads.end());
    }
  }
  return values;
}

struct AttentionCase {
  bool bias_by_head = true;
  bool reshaped = false;
  bool read_elsewhere = false;
};

Graph attention(const AttentionCase& options) {
  TestGraph graph;
  Random random(21);
  const int64_t width = kHeads * kSize;
  graph.enter("attn.qkv");
  std::vector<double> bias = random_values(random, 2 * kTokens * kTokens);
  bias.insert(bias.end(), bias.begin(), bias.begin() + 2 * kTokens * kTokens);
  const ValueId scores = options.bias_by_head ? graph.values({1, kHeads, kTokens, kTokens}, bias)
                                              : graph.weight({1, 1, kTokens, kTokens});
  ValueId y = graph.node(
      ProjectedAttention{kHeads, 0.5},
      {graph.input({5, kTokens, 12}), graph.values({12, 3 * width}, doubled_heads(random, 12)),
       graph.values({3 * width}, doubled_heads(random, 1)), scores});
  const ValueId joined = y;
  if (options.reshaped) y = graph.reshape(y, {5 * kTokens, width});
  graph.enter("attn.proj");
  std::vector<ValueId> outputs = {graph.linear(y, 12)};
  if (options.read_elsewhere) outputs.push_back(graph.unary(UnaryKind::kExp, joined));
  return graph.finish(outputs);
}

const Parameters kHalf = {{"keep", "0.5"}, {"ridge", "1e-9"}};

TEST(PruneHeads, KeepsTheFunctionOfHeadsThatOthersMake) {
  for (bool bias_by_head : {false, true}) {
    for (bool reshaped : {false, true}) {
      const Graph before = attention({bias_by_head, reshaped});
      const TestCalibration calibration(before);
      const Graph after = expect_lossy(prune_heads, before, calibration.parameters(kHalf));
      const Node& node = first<ProjectedAttention>(after);
      EXPECT_EQ(std::get<ProjectedAttention>(node.op).heads, 2);
      EXPECT_EQ(after.type(node.outputs[0]).shape.back(), 8);
      EXPECT_EQ(origins(after, node), (std::set<std::string>{"n0"}));
      expect_equivalent(before, after, 1e-4);
    }
  }
}

TEST(PruneHeads, LeavesOneHead) {
  const Graph before = attention({});
  const TestCalibration calibration(before);
  const Graph after =
      expect_lossy(prune_heads, before, calibration.parameters({{"keep", "attn=0.01"}}));
  EXPECT_EQ(std::get<ProjectedAttention>(first<ProjectedAttention>(after).op).heads, 1);
}

TEST(PruneHeads, LeavesWhatIsReadElsewhere) {
  const Graph before = attention({.read_elsewhere = true});
  expect_unchanged(prune_heads, before, TestCalibration(before).parameters(kHalf));
}

TEST(PruneHeads, RefusesASecondRun) {
  const Graph before = attention({});
  const TestCalibration calibration(before);
  const Graph after = expect_lossy(prune_heads, before, calibration.parameters(kHalf));
  EXPECT_NE(error_of(prune_heads, after, calibration.parameters(kHalf)).find("another graph"),
            std::string::npos);
}

}  // namespace
}  // namespace nitro::passes
