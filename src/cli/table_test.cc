#include "cli/table.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace nitro::cli {
namespace {

TEST(Table, AlignsColumnsWithoutTrailingBlanks) {
  Table table({{"NAME"}, {"MS", Align::kRight}, {"NOTE"}});
  table.add({"a", "12.5", ""});
  table.add({"long name", "3", "x"});
  EXPECT_EQ(table.text(),
            "NAME         MS  NOTE\n"
            "a          12.5\n"
            "long name     3  x\n");
}

TEST(Table, CutsOnlyShrinkingColumnsAndKeepsWithinTheWidth) {
  Table table({{"NAME", Align::kLeft, true}, {"VALUE"}});
  const std::string value(60, 'v');
  table.add({std::string(70, 'a') + std::string(70, 'b'), value});
  const std::string text = table.text();
  EXPECT_NE(text.find(value), std::string::npos);
  EXPECT_NE(text.find("a…b"), std::string::npos);
  for (std::string_view line : split(text, '\n')) EXPECT_LE(cell_width(line), kTableCells);
}

TEST(Table, GivesUpWhereNoColumnShrinks) {
  Table table({{"A"}, {"B"}});
  table.add({std::string(90, 'a'), std::string(90, 'b')});
  EXPECT_NE(table.text().find(std::string(90, 'b')), std::string::npos);
}

TEST(Table, ShowsControlCharactersEscaped) {
  Table table({{"NAME"}});
  table.add({"\x1b[31mred\nnext\u202e"});
  const std::string text = table.text();
  EXPECT_EQ(text, "NAME\n\\x1b[31mred\\x0anext\\u202e\n");
}

TEST(Table, CountsCellsNotBytes) {
  Table table({{"NAME"}, {"N", Align::kRight}});
  table.add({"é", "1"});
  table.add({"ab", "22"});
  EXPECT_EQ(table.text(), "NAME   N\né      1\nab    22\n");
}

}  // namespace
}  // namespace nitro::cli
