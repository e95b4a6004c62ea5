#include "base/csv.h"

#include <gtest/gtest.h>

namespace nitro {
namespace {

using Cells = std::vector<std::string>;

TEST(Csv, ReadsQuotesAndLineEnds) {
  const auto lines = parse_csv(
                         "\xef\xbb\xbf"
                         "a,b\r\n\"x,\"\"1\"\"\n2\",y\n\n,\nlast,")
                         .value();
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].cells, (Cells{"a", "b"}));
  EXPECT_EQ(lines[1].cells, (Cells{"x,\"1\"\n2", "y"}));
  EXPECT_EQ(lines[2].cells, (Cells{"", ""}));
  EXPECT_EQ(lines[3].cells, (Cells{"last", ""}));
  EXPECT_EQ(lines[3].number, 6U);
  EXPECT_TRUE(parse_csv("").value().empty());
}

TEST(Csv, RefusesWhatIsDamaged) {
  for (const std::string& text :
       {std::string("a,\"b"), std::string("a,b\"c"), std::string("\"a\"b,c"),
        std::string("a\0b", 3), std::string("\"a\0b\"", 5), std::string("\"")}) {
    EXPECT_FALSE(parse_csv(text)) << text;
  }
}

}  // namespace
}  // namespace nitro
