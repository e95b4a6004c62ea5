#include "optimize/numerics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace nitro::optimize {
namespace {

Tensor tensor(const std::vector<double>& values, DType dtype = DType::kF32) {
  return Tensor::of(dtype, {static_cast<int64_t>(values.size())}, values);
}

NumericCheck check(const Tensor& expected, const Tensor& actual) {
  return {"ort", "random", "y", difference(expected, actual)};
}

TEST(Numerics, Equal) {
  const Difference found = difference(tensor({1, -2, 3}), tensor({1, -2, 3}));
  EXPECT_NEAR(found.cosine, 1, 1e-12);
  EXPECT_EQ(found.max_abs, 0);
  EXPECT_EQ(found.max_ulp, 0);
  EXPECT_TRUE(found.finite);
  EXPECT_FALSE(found.mistrusted);
}

TEST(Numerics, OneUnitInTheLastPlace) {
  const float next = std::nextafter(1.0f, 2.0f);
  const Difference found = difference(tensor({1, -1}), tensor({next, -1}));
  EXPECT_NEAR(found.max_ulp, 1, 1e-6);
  EXPECT_NEAR(found.max_abs, 0x1p-23, 1e-12);
  EXPECT_NEAR(
      difference(tensor({1, -1}, DType::kF16), tensor({1 + 0x1p-10, -1}, DType::kF16)).max_ulp, 1,
      1e-6);
}

TEST(Numerics, CancellationNearZeroIsMeasuredByTheScaleOfTheTensor) {
  const Difference found = difference(tensor({1000, 0}), tensor({1000, 1e-5}));
  EXPECT_LT(found.max_ulp, 1);
}

TEST(Numerics, WrongSignAndScale) {
  EXPECT_FALSE(check(tensor({1, 2}), tensor({-1, -2})).ok());
  EXPECT_NEAR(difference(tensor({1, 2}), tensor({-1, -2})).cosine, -1, 1e-12);
  EXPECT_FALSE(check(tensor({1, 2}), tensor({0, 0})).ok());
  EXPECT_FALSE(check(tensor({0, 0}), tensor({0, 1})).ok());
  EXPECT_TRUE(check(tensor({0, 0}), tensor({0, 0})).ok());
}

TEST(Numerics, ADifferentLengthOfTheSameDirectionIsNotEqual) {
  EXPECT_FALSE(check(tensor({1, 2, 3}), tensor({2, 4, 6})).ok());
}

TEST(Numerics, NotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (double bad : {nan, infinity, -infinity}) {
    const NumericCheck actual = check(tensor({1, 2}), tensor({1, bad}));
    EXPECT_FALSE(actual.ok());
    EXPECT_FALSE(check(tensor({1, bad}), tensor({1, 2})).ok());
    const Json json = to_json(actual);
    EXPECT_TRUE(json.at("cosine").is_null() && json.at("max_abs").is_null());
    EXPECT_FALSE(json.at("ok").as_bool(true));
  }
}

TEST(Numerics, AConstantResultIsMistrusted) {
  EXPECT_TRUE(difference(tensor({0, 0, 0}), tensor({0, 0, 0})).mistrusted);
  EXPECT_TRUE(difference(tensor({2, 2}), tensor({2, 2})).mistrusted);
  EXPECT_FALSE(difference(tensor({2}), tensor({2})).mistrusted);
}

TEST(Numerics, Json) {
  const Json json = to_json(check(tensor({1, 2}), tensor({1, 2})));
  EXPECT_EQ(json.at("runner").as_string(), "ort");
  EXPECT_EQ(json.at("input").as_string(), "random");
  EXPECT_EQ(json.at("output").as_string(), "y");
  EXPECT_LE(json.at("cosine").as_number(), 1);
  EXPECT_FALSE(json.at("mistrusted").as_bool(true));
  EXPECT_TRUE(to_json(check(tensor({0, 0}), tensor({0, 0}))).at("mistrusted").as_bool());
  EXPECT_TRUE(json.at("ok").as_bool());
}

TEST(Numerics, RunnersOfHalfPrecisionMayBeFurtherOff) {
  EXPECT_EQ(tolerance_of(Json::object({{"precision", "f16"}})).cosine, 0.9999);
  EXPECT_EQ(tolerance_of(Json::object({{"precision", "f32"}})).cosine, 0.999999);
  EXPECT_EQ(tolerance_of(Json::object()).cosine, 0.999999);
  NumericCheck actual = check(tensor({1, 2}), tensor({1.01, 2}));
  EXPECT_FALSE(actual.ok());
  actual.tolerance = kHalf;
  EXPECT_TRUE(actual.ok());
  actual.difference = difference(tensor({1, 2}), tensor({1.1, 2.2}));
  EXPECT_FALSE(actual.ok()) << "a wrong scale";
}

TEST(Numerics, AnErrorThatTheRunnerMakesAnywayIsNoDifference) {
  NumericCheck actual = check(tensor({1e-6, 2e-6}), tensor({1.1e-6, 2e-6}));
  EXPECT_FALSE(actual.ok());
  actual.own_error = 1e-7;
  EXPECT_TRUE(actual.ok());
  actual.own_error = 1e-8;
  EXPECT_FALSE(actual.ok());
}

}  // namespace
}  // namespace nitro::optimize
