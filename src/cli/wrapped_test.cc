#include "cli/wrapped.h"

#include <gtest/gtest.h>

namespace nitro::cli {
namespace {

TEST(Wrapped, BreaksAtBlanksAndIndentsTheRest) {
  EXPECT_EQ(wrapped("one two three", 100, 4), "one two three\n");
  EXPECT_EQ(wrapped("one two three", 8, 2), "one two\n  three\n");
  EXPECT_EQ(wrapped("one two three", 7, 2), "one two\n  three\n");
  EXPECT_EQ(wrapped("", 10, 2), "\n");
}

TEST(Wrapped, KeepsBlanksInsideALine) { EXPECT_EQ(wrapped("a   b", 10, 0), "a   b\n"); }

TEST(Wrapped, ALongWordHasItsOwnLine) {
  EXPECT_EQ(wrapped("a verylongword b", 5, 1), "a\n verylongword\n b\n");
}

TEST(Wrapped, CountsCellsNotBytes) { EXPECT_EQ(wrapped("ää öö", 5, 0), "ää öö\n"); }

}  // namespace
}  // namespace nitro::cli
