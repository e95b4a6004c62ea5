#include "base/text.h"

#include <gtest/gtest.h>

namespace nitro {
namespace {

TEST(Text, InvalidUtf8IsReplacedByteByByte) {
  EXPECT_EQ(to_valid_utf8("a\xff\xc3(b"), "a\uFFFD\uFFFD(b");
  EXPECT_EQ(to_valid_utf8("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(to_valid_utf8("größe"), "größe");
}

TEST(Text, DisplayEscapesWhatATerminalWouldObey) {
  EXPECT_EQ(display("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(display("\u202Eevil"), "\\u202eevil");
  EXPECT_EQ(display("\u0085"), "\\x85");
}

TEST(Text, DisplayCutsInTheMiddle) {
  const std::string cut = display(std::string(1 << 20, 'x') + "end", 21);
  EXPECT_EQ(cell_width(cut), 21U);
  EXPECT_TRUE(cut.ends_with("end"));
}

TEST(Text, EscapeHtml) { EXPECT_EQ(escape_html("<a b='c'>&\""), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;"); }

TEST(Text, ParseIntegerTakesTheWholeText) {
  int64_t value = 0;
  EXPECT_TRUE(parse_integer("-12", value));
  EXPECT_EQ(value, -12);
  EXPECT_FALSE(parse_integer("12x", value));
  EXPECT_FALSE(parse_integer("", value));
  EXPECT_FALSE(parse_integer("99999999999999999999", value));
}

TEST(Text, ClosestSuggestsOnlyNearWords) {
  EXPECT_EQ(closest("profil", {"optimize", "profile"}), "profile");
  EXPECT_EQ(closest("zzzzzz", {"optimize", "profile"}), "");
}

}  // namespace
}  // namespace nitro
