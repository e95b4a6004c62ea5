#include "calibrate/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace nitro::calibrate {
namespace {

Tensor row(const std::vector<double>& values) {
  return Tensor::of(DType::kF32, {static_cast<int64_t>(values.size()) / 2, 2}, values);
}

passes::ValueRecord empty_record() {
  passes::ValueRecord record;
  record.type = {DType::kF32, {2, 2}};
  return record;
}

TEST(AddRanges, KeepsExtremesOfAllTensors) {
  passes::ValueRecord record = empty_record();
  ASSERT_TRUE(add_ranges(record, row({1, 2, 3, -1})));
  EXPECT_EQ(record.min, -1);
  ASSERT_TRUE(add_ranges(record, row({0.5, -7, 0, 0})));
  EXPECT_EQ(record.min, -7);
  EXPECT_EQ(record.max, 3);
  EXPECT_EQ(record.channel_max, (std::vector<double>{3, 7}));
}

TEST(AddRanges, AHistogramGrowsAsIfItHadAlwaysBeenThatWide) {
  passes::ValueRecord grown = empty_record(), wide = empty_record();
  ASSERT_TRUE(add_ranges(wide, row({100, 0})));
  for (double scale : {0.01, 0.3, -2.0, 100.0}) {
    ASSERT_TRUE(add_ranges(grown, row({scale, 0.7 * scale})));
    ASSERT_TRUE(add_ranges(wide, row({scale, 0.7 * scale})));
  }
  ASSERT_TRUE(add_ranges(grown, row({100, 0})));
  EXPECT_EQ(grown.histogram.range, 128);
  EXPECT_EQ(grown.histogram.counts, wide.histogram.counts);
  const auto& counts = grown.histogram.counts;
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), int64_t{0}), 10);
}

TEST(AddRanges, RefusesWhatIsNotFinite) {
  passes::ValueRecord record = empty_record();
  EXPECT_EQ(add_ranges(record, row({1, NAN})).error().code, ErrorCode::kBadModel);
  EXPECT_EQ(add_ranges(record, row({1, -INFINITY})).error().code, ErrorCode::kBadModel);
}

TEST(AddExtremes, LeavesOutWhatIsNotFinite) {
  passes::Extremes extremes;
  add_extremes(extremes, -INFINITY, 3);
  add_extremes(extremes, -2, NAN);
  add_extremes(extremes, 1, 2);
  EXPECT_EQ(extremes.min, -2);
  EXPECT_EQ(extremes.max, 3);
}

TEST(AddMoments, SumsProductsOfColumns) {
  passes::Moments moments;
  add_moments(moments, row({1, 2, 3, 4}));
  add_moments(moments, row({-1, 5}));
  EXPECT_EQ(moments.rows, 3);
  EXPECT_EQ(moments.sums, (std::vector<double>{3, 11}));
  EXPECT_EQ(moments.products, (std::vector<double>{11, 9, 9, 45}));
}

}  // namespace
}  // namespace nitro::calibrate
