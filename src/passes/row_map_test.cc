#include "passes/row_map.h"

#include <numeric>

#include "passes/testing.h"

namespace nitro::passes {
namespace {

/// `map` says what the reference computes: that the rows of `value` are those rows of `source`.
void expect_true(const Graph& graph, ValueId source, ValueId value, const RowMap& map) {
  std::vector<double> numbers(static_cast<size_t>(graph.type(source).elements()));
  std::iota(numbers.begin(), numbers.end(), 0);
  const std::vector<Tensor> inputs = {Tensor::of(DType::kF32, graph.type(source).shape, numbers)};
  const auto results = reference::execute_values(graph, inputs, std::vector{value});
  ASSERT_TRUE(results.has_value()) << results.error().text();
  const std::vector<int64_t> moved = (*results)[0].as<int64_t>();
  ASSERT_EQ(static_cast<int64_t>(moved.size()), std::ssize(map.rows) * map.width);
  for (size_t i = 0; i < moved.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    EXPECT_EQ(moved[i], map.rows[static_cast<size_t>(at / map.width)] * map.width + at % map.width);
  }
}

struct Movement {
  int64_t width;
  ValueId (*build)(TestGraph&, ValueId x);
};

/// Movement of x [2, 4, 6] in rows of a width.
constexpr Movement kMovements[] = {
    {6, [](TestGraph&, ValueId x) { return x; }},
    {6,
     [](TestGraph& g, ValueId x) {
       return g.transpose(x, {1, 0, 2});
     }},
    {6,
     [](TestGraph& g, ValueId x) {
       return g.transpose(g.reshape(x, {2, 2, 2, 6}), {0, 2, 1, 3});
     }},
    {3,
     [](TestGraph& g, ValueId x) {
       return g.transpose(g.reshape(x, {8, 2, 3}), {1, 0, 2});
     }},
    {3,
     [](TestGraph& g, ValueId x) {
       return g.node(Slice{{0, 0, 3}, {2, 4, 3}, {1, 1, 1}}, {x});
     }},
    {6,
     [](TestGraph& g, ValueId x) {
       return g.node(Slice{{1, 3, 0}, {1, 2, 6}, {1, -2, 1}}, {x});
     }},
    {2,
     [](TestGraph& g, ValueId x) {
       return g.nodes(Split{2, {2, 4}}, {x})[1];
     }},
    {6,
     [](TestGraph& g, ValueId x) {
       return g.node(Gather{1}, {x, g.indices({3, 0, 3})});
     }},
    {6,
     [](TestGraph& g, ValueId x) {
       const ValueId index = g.constant(Tensor::scalar(DType::kI64, 1));
       return g.node(Gather{0}, {x, index});
     }},
    {6,
     [](TestGraph& g, ValueId x) {
       const auto halves = g.nodes(Split{1, {1, 3}}, {x});
       return g.node(Concat{1}, {halves[1], halves[0]});
     }},
    {6,
     [](TestGraph& g, ValueId x) {  // two pixels side by side, as of merged patches
       const ValueId even = g.node(Slice{{0, 0, 0}, {2, 2, 6}, {1, 2, 1}}, {x});
       const ValueId odd = g.node(Slice{{0, 1, 0}, {2, 2, 6}, {1, 2, 1}}, {x});
       return g.node(Concat{2}, {odd, even});
     }},
    {12,
     [](TestGraph& g, ValueId x) {
       return g.transpose(g.reshape(x, {2, 2, 12}), {1, 0, 2});
     }},
};

class RowMapMovement : public testing::TestWithParam<Movement> {};

TEST_P(RowMapMovement, AgreesWithTheReference) {
  TestGraph builder;
  const ValueId source = builder.input({2, 4, 6});
  const ValueId value = GetParam().build(builder, source);
  const Graph graph = builder.finish({value});
  const auto map = trace_rows(graph, value, source, GetParam().width);
  ASSERT_TRUE(map.has_value());
  EXPECT_EQ(map->source, source);
  EXPECT_EQ(map->width, GetParam().width);
  expect_true(graph, source, value, *map);
}

INSTANTIATE_TEST_SUITE_P(RowMap, RowMapMovement, testing::ValuesIn(kMovements));

/// What does not move whole rows of one source.
constexpr Movement kOthers[] = {
    {6,
     [](TestGraph& g, ValueId x) {
       return g.transpose(x, {0, 2, 1});
     }},
    {6,
     [](TestGraph& g, ValueId x) {
       return g.node(Slice{{0, 0, 3}, {2, 4, 3}, {1, 1, 1}}, {x});
     }},
    {3,
     [](TestGraph& g, ValueId x) {
       return g.node(Slice{{0, 0, 0}, {2, 4, 3}, {1, 1, 2}}, {x});
     }},
    {6,
     [](TestGraph& g, ValueId x) {
       return g.nodes(Split{2, {2, 4}}, {x})[1];
     }},
    {6,
     [](TestGraph& g, ValueId x) {
       return g.node(Gather{2}, {x, g.indices({0, 1})});
     }},
    {6, [](TestGraph& g, ValueId x) { return g.unary(UnaryKind::kTanh, x); }},
    {6,
     [](TestGraph& g, ValueId x) {
       return g.node(Concat{1}, {x, g.input({2, 4, 6})});
     }},
    {7, [](TestGraph&, ValueId x) { return x; }},
};

class NoRowMap : public testing::TestWithParam<Movement> {};

TEST_P(NoRowMap, IsFound) {
  TestGraph builder;
  const ValueId source = builder.input({2, 4, 6});
  const ValueId value = GetParam().build(builder, source);
  const Graph graph = builder.finish({value});
  EXPECT_FALSE(trace_rows(graph, value, source, GetParam().width).has_value());
}

INSTANTIATE_TEST_SUITE_P(RowMap, NoRowMap, testing::ValuesIn(kOthers));

TEST(RowMap, RandomChainsAgreeWithTheReference) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    TestGraph builder;
    const ValueId source = builder.input({2, 2, 3, 4});
    ValueId value = source;
    for (int step = 0; step < 5; ++step) {
      Shape shape = builder.shape(value);
      if (random.below(2) == 0) {
        Ints perm(shape.size());
        std::iota(perm.begin(), perm.end(), int64_t{0});
        for (size_t i = perm.size(); i-- > 1;)
          std::swap(perm[i], perm[static_cast<size_t>(random.below(static_cast<int64_t>(i) + 1))]);
        value = builder.transpose(value, perm);
      } else if (shape.size() > 2) {  // joins two axes
        const auto at = static_cast<size_t>(random.below(std::ssize(shape) - 1));
        shape[at] *= shape[at + 1];
        shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(at) + 1);
        value = builder.reshape(value, shape);
      } else {
        value = builder.reshape(value, {2, 2, 3, 4});
      }
    }
    const Graph graph = builder.finish({value});
    for (int64_t width : {1, 2, 4, 12}) {
      if (const auto map = trace_rows(graph, value, source, width))
        expect_true(graph, source, value, *map);
    }
  }
}

TEST(RowMap, KnowsPermutations) {
  EXPECT_TRUE(is_permutation({2, 0, 1}));
  EXPECT_FALSE(is_permutation({2, 0, 2}));
  EXPECT_FALSE(is_permutation({3, 0, 1}));
  EXPECT_FALSE(is_permutation({-1, 0, 1}));
  EXPECT_TRUE(is_identity({0, 1, 2}));
  EXPECT_FALSE(is_identity({0, 2, 1}));
  EXPECT_EQ(inverse({2, 0, 1}), (std::vector<int64_t>{1, 2, 0}));
  EXPECT_EQ(compose({5, 6, 7}, {2, 0}), (std::vector<int64_t>{7, 5}));
}

}  // namespace
}  // namespace nitro::passes
