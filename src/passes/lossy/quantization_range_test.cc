#include "passes/lossy/quantization_range.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nitro::passes {
namespace {

constexpr size_t kBins = 8192;

/// A normal distribution of deviation 1, with one element at `outlier`.
ValueRecord bell(double outlier) {
  ValueRecord record;
  const double range = std::exp2(std::ceil(std::log2(std::max(outlier, 8.0))));
  record.histogram = {range, std::vector<int64_t>(kBins)};
  for (size_t i = 0; i < kBins; ++i) {
    const double x = range * ((2 * static_cast<double>(i) + 1) / kBins - 1);
    record.histogram.counts[i] =
        static_cast<int64_t>(1e7 * std::exp(-x * x / 2) * range / kBins + 0.5);
  }
  record.histogram.counts[static_cast<size_t>((outlier / range + 1) * kBins / 2) - 1] += 1;
  record.min = -5.5;
  record.max = outlier;
  return record;
}

double high_of(const ActivationScale& scale) {
  return scale.scale * static_cast<double>(255 - scale.zero);
}

TEST(QuantizationRange, MinMaxCoversAll) {
  const ActivationScale scale = choose_scale(bell(100), RangeMethod::kMinMax);
  EXPECT_NEAR(high_of(scale), 100, scale.scale);
  EXPECT_NEAR(-scale.scale * static_cast<double>(scale.zero), -5.5, scale.scale);
}

TEST(QuantizationRange, OthersCutAnOutlierOff) {
  for (RangeMethod method : {RangeMethod::kPercentile, RangeMethod::kMse, RangeMethod::kEntropy}) {
    const ActivationScale scale = choose_scale(bell(100), method);
    EXPECT_LT(high_of(scale), 50) << static_cast<int>(method);
    EXPECT_GT(high_of(scale), 2.5) << static_cast<int>(method);
  }
}

TEST(QuantizationRange, MseKeepsWhatPays) {
  const ActivationScale scale = choose_scale(bell(5.5), RangeMethod::kMse);
  EXPECT_GT(high_of(scale), 3.5);
  EXPECT_LT(high_of(scale), 5.0);
}

TEST(QuantizationRange, ZeroIsAlwaysExact) {
  ValueRecord record;
  record.min = 2;
  record.max = 4;
  const ActivationScale above = choose_scale(record, RangeMethod::kMinMax);
  EXPECT_EQ(above.zero, 0);
  EXPECT_NEAR(high_of(above), 4, 1e-5);
  record.min = -4;
  record.max = -2;
  EXPECT_EQ(choose_scale(record, RangeMethod::kMinMax).zero, 255);
}

TEST(QuantizationRange, NothingButZeros) {
  for (RangeMethod method : {RangeMethod::kMinMax, RangeMethod::kMse, RangeMethod::kEntropy}) {
    const ActivationScale scale = choose_scale({}, method);
    EXPECT_EQ(scale.scale, 1);
    EXPECT_EQ(scale.zero, 0);
  }
}

TEST(QuantizationRange, ReadsWords) {
  EXPECT_EQ(parse_range_method("entropy").value(), RangeMethod::kEntropy);
  EXPECT_FALSE(parse_range_method("mean"));
  EXPECT_FALSE(parse_range_method(""));
}

}  // namespace
}  // namespace nitro::passes
