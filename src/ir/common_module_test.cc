#include "ir/common_module.h"

#include <gtest/gtest.h>

namespace nitro {
namespace {

TEST(CommonModule, IsTheLongestPathOfWholeWords) {
  EXPECT_EQ(common_module({}), "");
  EXPECT_EQ(common_module({"a.b.c"}), "a.b.c");
  EXPECT_EQ(common_module({"a.b.c", "a.b.d"}), "a.b");
  EXPECT_EQ(common_module({"a.b", "a.b.d"}), "a.b");
  EXPECT_EQ(common_module({"layer.1", "layer.10"}), "layer");
  EXPECT_EQ(common_module({"a", "b"}), "");
  EXPECT_EQ(common_module({"a.b", ""}), "");
  EXPECT_EQ(common_module({"", ""}), "");
}

}  // namespace
}  // namespace nitro
