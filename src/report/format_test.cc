#include "report/format.h"

#include <gtest/gtest.h>

#include <limits>

namespace nitro::report {
namespace {

TEST(Format, Durations) {
  EXPECT_EQ(duration(217.34e6), "217.3\u00A0ms");
  EXPECT_EQ(duration(3400.0), "3.40\u00A0µs");
  EXPECT_EQ(duration(850.0), "850.0\u00A0ns");
  EXPECT_EQ(duration(1.5e9), "1.50\u00A0s");
  EXPECT_EQ(duration(-13.4e6), "-13.4\u00A0ms");
  EXPECT_EQ(duration(0.0), "0\u00A0ns");
  EXPECT_EQ(duration(Json()), "–");
  EXPECT_EQ(interval(Json(216.1e6), Json(218.94e6)), "[216.1, 218.9]\u00A0ms");
  EXPECT_EQ(interval(Json(), Json(1.0)), "no interval");
}

TEST(Format, Quantities) {
  EXPECT_EQ(quantity(Json(8.74e9), "FLOP/s"), "8.74\u00A0GFLOP/s");
  EXPECT_EQ(quantity(Json(999.6), "B"), "1.00\u00A0kB");
  EXPECT_EQ(quantity(Json(0), "B"), "0\u00A0B");
  EXPECT_EQ(binary_bytes(49152), "48\u00A0KiB");
  EXPECT_EQ(binary_bytes(1500), "1.46\u00A0KiB");
  EXPECT_EQ(percent(0.614), "61\u00A0%");
  EXPECT_EQ(percent(0.042), "4.2\u00A0%");
  EXPECT_EQ(percent(0.0003), "0.03\u00A0%");
  EXPECT_EQ(speedup(Json(1.349)), "1.35×");
  EXPECT_EQ(scientific(Json(2.4e-6)), "2.4e-6");
  EXPECT_EQ(scientific(Json(1e-12)), "1.0e-12");
  EXPECT_EQ(scientific(Json(0.0)), "0");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(grouped(999), "999");
}

TEST(Format, NumbersThatAreNone) {
  EXPECT_EQ(significant(std::numeric_limits<double>::infinity(), 3), "0");
  EXPECT_EQ(significant(std::numeric_limits<double>::quiet_NaN(), 3), "0");
  EXPECT_LT(significant(1e300, 3).size(), 400U);
}

TEST(Format, NamesAreShownAndNeverMarkup) {
  EXPECT_EQ(text("<b>&\"'"), "&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(text("\x1b[31m\u202e"), "\\x1b[31m\\u202e");
  EXPECT_EQ(text("\xff\xc0"), "\uFFFD\uFFFD");
  EXPECT_LT(text(std::string(1 << 20, '<')).size(), 1000U);
}

}  // namespace
}  // namespace nitro::report
