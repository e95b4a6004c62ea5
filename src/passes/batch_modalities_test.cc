#include <utility>

#include "passes/testing.h"

namespace nitro::passes {
namespace {

const Parameters kThree = {{"modalities", "rgb,depth,ir"}};

/// The batch has an input per modality and gives for each what `before` gives for it alone.
Graph expect_batch(const Graph& before) {
  Graph after = before;
  const auto changed = batch_modalities(after, kThree);
  EXPECT_TRUE(changed.has_value() && *changed) << (changed ? "" : changed.error().text());
  if (!changed) return after;
  const auto valid = verify(after);
  EXPECT_TRUE(valid.has_value()) << valid.error().text();
  const std::vector<Tensor> samples = random_inputs(after, 3);
  EXPECT_EQ(samples.size(), 3U);
  const auto got = reference::execute(after, samples);
  EXPECT_TRUE(got.has_value()) << got.error().text();
  for (size_t i = 0; got && i < samples.size(); ++i) {
    const auto wanted = reference::execute(before, std::vector{samples[i]});
    EXPECT_TRUE(wanted.has_value());
    for (size_t j = 0; wanted && j < wanted->size(); ++j) {
      const std::vector<double> a = (*wanted)[j].as<double>();
      const std::vector<double> b = (*got)[j * samples.size() + i].as<double>();
      EXPECT_EQ(a.size(), b.size());
      for (size_t at = 0; at < a.size() && a.size() == b.size(); ++at)
        EXPECT_NEAR(a[at], b[at], 1e-5 * (1 + std::abs(a[at])));
    }
  }
  expect_unchanged(batch_modalities, after, kThree);
  return after;
}

void expect_refused(const Graph& graph, ErrorCode code, const Parameters& parameters = kThree) {
  Graph after = graph;
  const auto changed = batch_modalities(after, parameters);
  ASSERT_FALSE(changed.has_value()) << print(after, {16});
  EXPECT_EQ(changed.error().code, code) << changed.error().text();
  EXPECT_TRUE(equal(after, graph));
}

TEST(BatchModalities, RunsATransformerOnce) {
  TestGraph graph;
  const ValueId tokens = graph.add(graph.input({1, 4, 6}), graph.weight({1, 4, 6}));
  const ValueId x = graph.node(Concat{1}, {graph.weight({1, 1, 6}), tokens});
  const ValueId heads = graph.transpose(
      graph.reshape(graph.linear(graph.layer_norm(x), 6), {1, 5, 2, 3}), {0, 2, 1, 3});
  const ValueId scores =
      graph.add(graph.node(MatMul{}, {heads, graph.transpose(heads, {0, 1, 3, 2})}),
                graph.weight({1, 2, 5, 5}));
  const ValueId mixed = graph.node(MatMul{}, {graph.node(Softmax{3, false}, {scores}), heads});
  const ValueId joined = graph.reshape(graph.transpose(mixed, {0, 2, 1, 3}), {1, 5, 6});
  const ValueId y = graph.add(x, graph.node(Gelu{}, {graph.linear(joined, 6)}));
  const Graph after = expect_batch(graph.finish({y}));
  EXPECT_EQ(count<Softmax>(after), 1U);
  ASSERT_EQ(after.outputs().size(), 3U);
  EXPECT_EQ(after.value(after.inputs()[1]).name, "depth");
  EXPECT_TRUE(after.value(after.outputs()[2]).name.ends_with(".ir"));
  EXPECT_EQ(origins(after, first<Softmax>(after)), (std::set<std::string>{"n10"}));
}

TEST(BatchModalities, FollowsSamplesThroughAFoldedAxis) {
  TestGraph graph;
  const ValueId x = graph.input({2, 4, 6});
  const ValueId windows = graph.node(Softmax{1, false}, {graph.reshape(x, {4, 2, 6})});
  const ValueId masked =
      graph.add(graph.reshape(windows, {2, 2, 2, 6}), graph.weight({1, 2, 2, 6}));
  const ValueId moved = graph.transpose(graph.reshape(masked, {2, 4, 6}), {1, 0, 2});
  const Reduce mean{.kind = ReduceKind::kMean, .axes = {0}, .keep_dims = false};
  expect_batch(graph.finish({graph.node(mean, {moved})}));
}

TEST(BatchModalities, RepeatsConstantsOfFullSize) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3});
  expect_batch(graph.finish({graph.mul(graph.weight({2, 3}), x), x}));
}

TEST(BatchModalities, SamplesImagesAtPlaces) {
  TestGraph graph;
  const ValueId x = graph.input({2, 2, 4, 5});
  const GridSample sample{.align_corners = true};
  const ValueId places = graph.transpose(x, {0, 2, 3, 1});
  const ValueId of_table = graph.node(sample, {graph.weight({2, 3, 6, 6}), places});
  const ValueId at_points = graph.node(sample, {x, graph.weight({2, 3, 3, 2})});
  const Graph after =
      expect_batch(graph.finish({graph.node(sample, {x, places}), of_table, at_points}));
  EXPECT_EQ(count<GridSample>(after), 3U);
}

TEST(BatchModalities, RefusesSamplingAlongSamples) {
  TestGraph graph;
  const ValueId places = graph.transpose(graph.input({3, 1, 3, 2}), {1, 0, 2, 3});
  const ValueId image = graph.weight({1, 2, 4, 4});
  expect_refused(graph.finish({graph.node(GridSample{}, {image, places})}),
                 ErrorCode::kUnsupportedOp);
}

TEST(BatchModalities, RefusesAReshapeThroughSamples) {
  TestGraph graph;
  const ValueId x = graph.transpose(graph.input({2, 3}), {1, 0});
  expect_refused(graph.finish({graph.reshape(x, {2, 3})}), ErrorCode::kUnsupportedOp);
}

TEST(BatchModalities, RefusesWorkAlongSamples) {
  const auto refused = [](const Op& op) {
    TestGraph graph;
    expect_refused(graph.finish({graph.node(op, {graph.input({2, 3})})}),
                   ErrorCode::kUnsupportedOp);
  };
  refused(Reduce{.kind = ReduceKind::kMean, .axes = {0}, .keep_dims = true});
  refused(Softmax{0, false});
  refused(Slice{{0, 0}, {1, 3}, {1, 1}});
  refused(Slice{{1, 0}, {2, 3}, {-1, 1}});
  refused(Split{0, {1, 1}});
  refused(Pad{.before = {1, 0}, .after = {0, 0}});
  refused(Tile{{2, 1}});
}

TEST(BatchModalities, RefusesAJoinAlongSamples) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3});
  expect_refused(graph.finish({graph.node(Concat{0}, {x, x})}), ErrorCode::kUnsupportedOp);
}

TEST(BatchModalities, RefusesOperandsThatLieDifferently) {
  TestGraph graph;
  const ValueId x = graph.input({3, 3});
  expect_refused(graph.finish({graph.add(x, graph.transpose(x, {1, 0}))}),
                 ErrorCode::kUnsupportedOp);
}

TEST(BatchModalities, RefusesTwoInputsAndNone) {
  TestGraph two;
  const ValueId x = two.input({2, 3}), y = two.input({2, 3});
  expect_refused(two.finish({two.add(x, y)}), ErrorCode::kUnsupportedOp);
  TestGraph none;
  expect_refused(none.finish({none.add(none.scalar(1), none.scalar(2))}),
                 ErrorCode::kUnsupportedOp);
}

TEST(BatchModalities, RefusesAScalarInput) {
  TestGraph graph;
  Graph before = graph.finish({graph.unary(UnaryKind::kExp, graph.input({}))});
  EXPECT_FALSE(batch_modalities(before, kThree).has_value());
}

TEST(BatchModalities, RefusesBadNames) {
  TestGraph builder;
  const Graph graph = builder.finish({builder.unary(UnaryKind::kExp, builder.input({2, 3}))});
  expect_refused(graph, ErrorCode::kBadRecipe, {});
  expect_refused(graph, ErrorCode::kBadRecipe, {{"modalities", "rgb,"}});
  expect_refused(graph, ErrorCode::kBadRecipe, {{"modalities", ",,"}});
  expect_refused(graph, ErrorCode::kBadRecipe, {{"modalities", "rgb,ir,rgb"}});
}

/// A convolution [1,3,4,4] -> [1,5,2,2] and what it becomes for `modalities`, checked to give for
/// each what `before` gives for it, prepared as EdgeVL does where it is grey.
Graph expect_grey_batch(const Parameters& parameters, size_t count) {
  TestGraph graph;
  const Conv op{
      .strides = {2, 2}, .dilations = {1, 1}, .pads_before = {0, 0}, .pads_after = {0, 0}};
  const ValueId y = graph.node(op, {graph.input({1, 3, 4, 4}), graph.weight({5, 3, 2, 2})});
  const Graph before = graph.finish({y});
  Graph after = before;
  const auto changed = batch_modalities(after, parameters);
  EXPECT_TRUE(changed.has_value() && *changed) << (changed ? "" : changed.error().text());
  EXPECT_TRUE(verify(after).has_value());
  const std::vector<Tensor> samples = random_inputs(after, 3);
  EXPECT_EQ(samples.size(), count);
  const auto got = reference::execute(after, samples);
  EXPECT_TRUE(got.has_value());
  for (size_t i = 0; got && i < samples.size(); ++i) {
    std::vector<double> image = samples[i].as<double>();
    if (samples[i].shape()[1] == 1) {
      const std::vector<double> grey = std::exchange(image, {});
      const double mean[] = {0.485, 0.456, 0.406}, deviation[] = {0.229, 0.224, 0.225};
      for (size_t c = 0; c < 3; ++c) {
        for (double pixel : grey) image.push_back((pixel - mean[c]) / deviation[c]);
      }
    }
    const Tensor wanted_input = Tensor::of(DType::kF32, {1, 3, 4, 4}, image);
    const auto wanted = reference::execute(before, std::vector{wanted_input});
    const std::vector<double> a = (*wanted)[0].as<double>(), b = (*got)[i].as<double>();
    EXPECT_EQ(a.size(), b.size());
    for (size_t j = 0; j < a.size(); ++j) EXPECT_NEAR(a[j], b[j], 1e-4 * (1 + std::abs(a[j])));
  }
  expect_unchanged(batch_modalities, after, parameters);
  return after;
}

TEST(BatchModalities, TakesGreyAsOneChannel) {
  const Graph after = expect_grey_batch({{"modalities", "rgb,depth"}, {"grey", "depth"}}, 2);
  EXPECT_EQ(after.type(after.inputs()[0]).shape, (Shape{1, 3, 4, 4}));
  EXPECT_EQ(after.type(after.inputs()[1]).shape, (Shape{1, 1, 4, 4}));
  EXPECT_EQ(after.value(after.inputs()[1]).name, "depth");
}

TEST(BatchModalities, PreparesNeighbouringGreyTogether) {
  EXPECT_EQ(
      count<Expand>(expect_grey_batch({{"modalities", "rgb,depth,ir"}, {"grey", "ir,depth"}}, 3)),
      1U);
  EXPECT_EQ(
      count<Expand>(expect_grey_batch({{"modalities", "depth,rgb,ir"}, {"grey", "depth,ir"}}, 3)),
      2U);
  EXPECT_EQ(count<Expand>(expect_grey_batch({{"modalities", "depth,ir"}, {"grey", "depth,ir"}}, 2)),
            1U);
}

TEST(BatchModalities, RefusesGreyThatIsNoModality) {
  TestGraph builder;
  const Graph graph = builder.finish({builder.unary(UnaryKind::kExp, builder.input({1, 3, 2, 2}))});
  for (const char* grey : {"thermal", "depth,", "depth,depth"}) {
    expect_refused(graph, ErrorCode::kBadRecipe, {{"modalities", "rgb,depth"}, {"grey", grey}});
  }
}

TEST(BatchModalities, RefusesGreyForOtherInputs) {
  const auto refused = [](Shape shape, DType dtype) {
    TestGraph graph;
    expect_refused(graph.finish({graph.node(Clip{}, {graph.input(std::move(shape), dtype)})}),
                   ErrorCode::kUnsupportedOp, {{"modalities", "rgb,depth"}, {"grey", "depth"}});
  };
  refused({1, 4, 2, 2}, DType::kF32);
  refused({1, 3, 2}, DType::kF32);
  refused({1, 3, 2, 2}, DType::kI32);
}

TEST(BatchModalities, LeavesOneModality) {
  TestGraph graph;
  expect_unchanged(batch_modalities,
                   graph.finish({graph.unary(UnaryKind::kExp, graph.input({2, 3}))}),
                   {{"modalities", "rgb"}});
}

}  // namespace
}  // namespace nitro::passes
