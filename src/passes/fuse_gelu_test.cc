#include <numbers>

#include "passes/testing.h"

namespace nitro::passes {
namespace {

/// erf(x / sqrt(2)), or x times what it is near to.
ValueId error_function(TestGraph& graph, ValueId x, bool divide, double constant) {
  const ValueId factor = graph.scalar(constant);
  return graph.unary(UnaryKind::kErf, divide ? graph.div(x, factor) : graph.mul(x, factor));
}

using Build = ValueId (*)(TestGraph&, ValueId x);

ValueId erf_of(TestGraph& graph, ValueId x) {
  return error_function(graph, x, true, std::numbers::sqrt2);
}
ValueId cdf_twice(TestGraph& graph, ValueId x) {
  return graph.add(erf_of(graph, x), graph.scalar(1));
}
ValueId tanh_twice(TestGraph& graph, ValueId x) {
  const ValueId cube = graph.node(Binary{BinaryKind::kPow}, {x, graph.scalar(3)});
  const ValueId inner = graph.add(x, graph.mul(cube, graph.scalar(0.044715)));
  const ValueId scaled = graph.mul(graph.scalar(std::sqrt(2 / std::numbers::pi)), inner);
  return graph.add(graph.scalar(1), graph.unary(UnaryKind::kTanh, scaled));
}

constexpr Build kErfForms[] = {
    // (x * (1 + erf)) * 0.5
    [](TestGraph& g, ValueId x) { return g.mul(g.mul(x, cdf_twice(g, x)), g.scalar(0.5)); },
    // 0.5 * ((1 + erf) * x)
    [](TestGraph& g, ValueId x) { return g.mul(g.scalar(0.5), g.mul(cdf_twice(g, x), x)); },
    // (x * 0.5) * (1 + erf)
    [](TestGraph& g, ValueId x) { return g.mul(g.mul(x, g.scalar(0.5)), cdf_twice(g, x)); },
    // (1 + erf) * (0.5 * x)
    [](TestGraph& g, ValueId x) { return g.mul(cdf_twice(g, x), g.mul(g.scalar(0.5), x)); },
    // x * (0.5 * (1 + erf))
    [](TestGraph& g, ValueId x) { return g.mul(x, g.mul(g.scalar(0.5), cdf_twice(g, x))); },
    // (x * (1 + erf)) / 2
    [](TestGraph& g, ValueId x) { return g.div(g.mul(x, cdf_twice(g, x)), g.scalar(2)); },
    // x * (0.5 + 0.5 * erf)
    [](TestGraph& g, ValueId x) {
      return g.mul(x, g.add(g.scalar(0.5), g.mul(erf_of(g, x), g.scalar(0.5))));
    },
    // 0.5 * x + 0.5 * x * erf
    [](TestGraph& g, ValueId x) {
      const ValueId half = g.mul(x, g.scalar(0.5));
      return g.add(half, g.mul(half, erf_of(g, x)));
    },
    // x * 0.7071 instead of x / sqrt(2)
    [](TestGraph& g, ValueId x) {
      const ValueId erf = error_function(g, x, false, 0.70710677);
      return g.mul(g.mul(x, g.scalar(0.5)), g.add(erf, g.scalar(1)));
    },
    [](TestGraph& g, ValueId x) {
      const ValueId erf = error_function(g, x, false, 0.7071);
      return g.mul(g.mul(x, g.scalar(0.5)), g.add(erf, g.scalar(1)));
    },
};
constexpr Build kTanhForms[] = {
    [](TestGraph& g, ValueId x) { return g.mul(g.mul(g.scalar(0.5), x), tanh_twice(g, x)); },
    [](TestGraph& g, ValueId x) { return g.mul(g.scalar(0.5), g.mul(x, tanh_twice(g, x))); },
    // 0.5 x (1 + tanh(0.79788 x (1 + 0.044715 x x)))
    [](TestGraph& g, ValueId x) {
      const ValueId square = g.mul(g.mul(x, g.scalar(0.044715)), x);
      const ValueId inner = g.mul(g.mul(x, g.scalar(0.7978845608)), g.add(square, g.scalar(1)));
      const ValueId gate = g.add(g.scalar(1), g.unary(UnaryKind::kTanh, inner));
      return g.mul(g.mul(x, g.scalar(0.5)), gate);
    },
};

class ErfForms : public testing::TestWithParam<Build> {};
class TanhForms : public testing::TestWithParam<Build> {};

void expect_gelu(Build build, bool tanh) {
  for (bool computed : {false, true}) {  // x an input, or itself a sum with a constant
    TestGraph graph;
    ValueId x = graph.input({2, 5});
    if (computed) x = graph.add(x, graph.weight({5}));
    const Graph after = expect_rewrite(fuse_gelu, graph.finish({build(graph, x)}), 2e-5);
    ASSERT_EQ(after.nodes().size(), computed ? 2U : 1U) << print(after);
    EXPECT_EQ(first<Gelu>(after).op, Op(Gelu{tanh}));
  }
}

TEST_P(ErfForms, BecomeOneOp) { expect_gelu(GetParam(), false); }
TEST_P(TanhForms, BecomeOneOp) { expect_gelu(GetParam(), true); }
INSTANTIATE_TEST_SUITE_P(FuseGelu, ErfForms, testing::ValuesIn(kErfForms));
INSTANTIATE_TEST_SUITE_P(FuseGelu, TanhForms, testing::ValuesIn(kTanhForms));

TEST(FuseGelu, MergesOrigins) {
  TestGraph graph;
  const Graph after =
      expect_rewrite(fuse_gelu, graph.finish({kErfForms[0](graph, graph.input({2, 5}))}));
  EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n0", "n1", "n2", "n3", "n4"}));
}

TEST(FuseGelu, LeavesAnotherFactorInside) {
  TestGraph graph;
  const ValueId x = graph.input({2, 5});
  const ValueId gate = graph.add(error_function(graph, x, true, 1.5), graph.scalar(1));
  expect_unchanged(fuse_gelu, graph.finish({graph.mul(graph.mul(x, gate), graph.scalar(0.5))}));
}

TEST(FuseGelu, LeavesAnotherFactorOutside) {
  TestGraph graph;
  const ValueId x = graph.input({2, 5});
  expect_unchanged(fuse_gelu,
                   graph.finish({graph.mul(graph.mul(x, cdf_twice(graph, x)), graph.scalar(0.6))}));
}

TEST(FuseGelu, LeavesAGateOfAnotherValue) {
  TestGraph graph;
  const ValueId x = graph.input({2, 5}), other = graph.input({2, 5});
  expect_unchanged(
      fuse_gelu,
      graph.finish({graph.mul(graph.mul(x, cdf_twice(graph, other)), graph.scalar(0.5))}));
}

TEST(FuseGelu, LeavesAGateThatIsReadElsewhere) {
  TestGraph graph;
  const ValueId x = graph.input({2, 5});
  const ValueId gate = cdf_twice(graph, x);
  const ValueId y = graph.mul(graph.mul(x, gate), graph.scalar(0.5));
  expect_unchanged(fuse_gelu, graph.finish({y, graph.unary(UnaryKind::kExp, gate)}));
}

TEST(FuseGelu, LeavesAnErrorFunctionThatIsAnOutput) {
  TestGraph graph;
  const ValueId x = graph.input({2, 5});
  const ValueId erf = erf_of(graph, x);
  const ValueId gate = graph.add(erf, graph.scalar(1));
  const ValueId y = graph.mul(graph.mul(x, gate), graph.scalar(0.5));
  expect_unchanged(fuse_gelu, graph.finish({y, erf}));
}

TEST(FuseGelu, LeavesATanhOfTheArgumentOfErf) {
  TestGraph graph;
  const ValueId x = graph.input({2, 5});
  const ValueId gate =
      graph.unary(UnaryKind::kTanh, graph.div(x, graph.scalar(std::numbers::sqrt2)));
  const ValueId y = graph.mul(x, graph.add(gate, graph.scalar(1)));
  expect_unchanged(fuse_gelu, graph.finish({graph.mul(y, graph.scalar(0.5))}));
}

}  // namespace
}  // namespace nitro::passes
