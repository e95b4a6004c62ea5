#include "eval/scores.h"

#include <gtest/gtest.h>

#include <limits>

#include "eval/metrics.h"

namespace nitro::eval {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinite = std::numeric_limits<float>::infinity();

/// Three prompts along the axes.
Task axes(std::vector<size_t> labels) {
  return {{"x", "y", "z"},
          TextEmbeddings{{"x", "y", "z"}, {3, {1, 0, 0, 0, 1, 0, 0, 0, 1}}},
          std::move(labels)};
}

TEST(Embeddings, DirectionOfRows) {
  EXPECT_DOUBLE_EQ(inverse_length(std::vector<float>{3, 4}), 0.2);
  for (const std::vector<float>& row :
       {std::vector<float>{0, 0}, {kNan, 1}, {1, kInfinite}, {-kInfinite, 0}}) {
    EXPECT_EQ(inverse_length(row), 0);
    EXPECT_EQ(cosine(row, std::vector<float>{1, 1}), 0);
  }
  // Squares of these do not fit f32.
  EXPECT_NEAR(cosine(std::vector<float>{3e30F, 0}, std::vector<float>{1e-30F, 1e-30F}),
              std::sqrt(0.5), 1e-7);
}

TEST(Decide, TiesGoToTheLowerIndex) {
  const Task task = axes({0, 1, 2});
  const Metrics metrics = metrics_of({3, {1, 1, 1, 1, 1, 1, 1, 1, 1}}, task);
  EXPECT_EQ(metrics.decisions->decided, (std::vector<int64_t>{0, 0, 0}));
  EXPECT_EQ(metrics.decisions->rank, (std::vector<int64_t>{0, 1, 2}));
}

TEST(Decide, WithoutDirectionNothingIsDecidedOrFound) {
  const Task task = axes({0, 1, 2, 0});
  const Metrics metrics = metrics_of({3, {0, 0, 0, kNan, 0, 0, 1, 2, kInfinite, 2, 1, 0}}, task);
  EXPECT_EQ(metrics.without_direction, 3U);
  EXPECT_EQ(metrics.decisions->decided, (std::vector<int64_t>{-1, -1, -1, 0}));
  EXPECT_EQ(metrics.decisions->within(5), 1);
  EXPECT_DOUBLE_EQ(metrics.text->found[2], 0.25);
  // Of the class x one image of two is found, of the others none.
  EXPECT_DOUBLE_EQ(metrics.images->found[0], 1.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.images->recall[2], 0.5 / 3);
  EXPECT_NEAR(*metrics.clip_score, 100 * 2 / std::sqrt(5) / 4, 1e-9);
}

TEST(Decide, OutputsOfAClassifier) {
  Task task{{"a", "b"}, {}, {0, 1, 1}};
  const Metrics metrics = metrics_of({2, {5, 1, -3, -2, kNan, 9}}, task);
  EXPECT_EQ(metrics.decisions->decided, (std::vector<int64_t>{0, 1, -1}));
  EXPECT_FALSE(metrics.clip_score);
  EXPECT_DOUBLE_EQ(numbers_json(metrics, task).at("top1").as_number(), 2.0 / 3);
}

TEST(Retrieval, OfImages) {
  // Two of x, one of y; the best for x is an image of y.
  const Task task = axes({0, 0, 1});
  const Metrics metrics = metrics_of({3, {1, 1, 0, 1, 2, 0, 1, 0, 0}}, task);
  EXPECT_EQ(metrics.images->queries, 2U);
  EXPECT_DOUBLE_EQ(metrics.images->found[0], 0);
  EXPECT_DOUBLE_EQ(metrics.images->found[1], 1);
  EXPECT_DOUBLE_EQ(metrics.images->recall[1], 1);
}

TEST(ClipScore, IsNotBelowZero) {
  const Task task = axes({0, 0});
  EXPECT_EQ(*metrics_of({3, {-1, 0, 0, -1, 0, 0}}, task).clip_score, 0);
  // The mean comes first, as in TorchMetrics.
  EXPECT_DOUBLE_EQ(*metrics_of({3, {-1, 0, 0, 1, 0, 0}}, task).clip_score, 0);
}

TEST(Metrics, OfNoImages) {
  const Metrics metrics = metrics_of({3, {}}, axes({}));
  EXPECT_EQ(metrics.text->queries, 0U);
  EXPECT_TRUE(numbers_json(metrics, axes({})).at("top1").is_null());
}

}  // namespace
}  // namespace nitro::eval
