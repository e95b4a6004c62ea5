#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "zoo/weights.h"

namespace nitro::zoo {
namespace {

Tensor drawn(const std::string& name, Shape shape, ParameterKind kind) {
  return random_weights()->parameter(name, std::move(shape), kind).value();
}

TEST(RandomWeights, DependOnTheNameAndNotOnTheOrder) {
  const auto source = random_weights();
  const Tensor a = source->parameter("a", {300, 700}, ParameterKind::kWeight).value();
  const Tensor b = source->parameter("b", {300, 700}, ParameterKind::kWeight).value();
  EXPECT_EQ(drawn("b", {300, 700}, ParameterKind::kWeight), b);
  EXPECT_EQ(drawn("a", {300, 700}, ParameterKind::kWeight), a);
  EXPECT_FALSE(a == b);
}

TEST(RandomWeights, StayTheSameFromReleaseToRelease) {
  EXPECT_EQ(drawn("norm.weight", {3}, ParameterKind::kScale),
            Tensor::of<double>(DType::kF32, {3}, {0.978497028F, 0.949464321F, 0.804440916F}));
}

TEST(RandomWeights, KeepTheVarianceOfAProduct) {
  const int64_t inputs = 512;
  const Tensor tensor = drawn("w", {400, inputs}, ParameterKind::kWeight);
  double sum = 0;
  double squares = 0;
  for (const float value : tensor.data<float>()) {
    sum += value;
    squares += double{value} * value;
  }
  const auto count = static_cast<double>(tensor.elements());
  EXPECT_NEAR(sum / count, 0, 1e-3);
  EXPECT_NEAR(squares / count * static_cast<double>(inputs), 0.64, 0.01);
}

TEST(RandomWeights, AreNeverTrivial) {
  for (const auto kind : {ParameterKind::kBias, ParameterKind::kScale, ParameterKind::kScoreBias,
                          ParameterKind::kEmbedding}) {
    const Tensor tensor = drawn("p", {1000}, kind);
    const auto values = tensor.data<float>();
    const auto [low, high] = std::ranges::minmax(values);
    EXPECT_GT(high - low, 0.2F);
    EXPECT_EQ(std::ranges::count(values, 0.0F), 0);
    if (kind == ParameterKind::kScale) {
      EXPECT_GT(low, 0.5F);
    }
  }
}

}  // namespace
}  // namespace nitro::zoo
