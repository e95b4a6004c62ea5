#include "plan/element_index.h"

#include <gtest/gtest.h>

#include "plan/element_writer.h"

namespace nitro::plan {
namespace {

TEST(Index, SumsTermsOfOneVariable) {
  const Index i = Index::variable("i", 10);
  EXPECT_EQ((i * 3 + i * 2 + Index::constant(4)).text(), "i * 5 + 4");
  EXPECT_EQ((i + i * -1).text(), "0");
  EXPECT_EQ((i * -2 + Index::constant(18)).least(), 0);
  EXPECT_EQ((i * -2 + Index::constant(18)).most(), 18);
}

TEST(Index, DivisionOfPartsNeedsNoCode) {
  Writer w(false, 1);
  const Index x =
      Index::variable("a", 4) * 12 + Index::variable("b", 3) * 4 + Index::variable("c", 4);
  const auto [high, low] = w.divide(x, 12);
  EXPECT_EQ(high.text(), "a");
  EXPECT_EQ(low.text(), "b * 4 + c");
  EXPECT_EQ(w.text(), "");
}

TEST(Index, DivisionOfAVariableIsWrittenOnceAndUndone) {
  Writer w(false, 1);
  const Index i = Index::variable("i", 60);
  const std::vector<Index> at = w.unravel(i, {3, 4, 5});
  const std::string text = w.text();
  EXPECT_EQ(w.unravel(i, {3, 4, 5})[1].text(), at[1].text());
  EXPECT_EQ(w.text(), text);
  EXPECT_EQ(Writer::ravel(at, strides_of({3, 4, 5})).text(), "i");
  EXPECT_EQ(Writer::ravel(at, std::vector<int64_t>{60, 15, 3}).text(), "i * 3");
}

TEST(Index, DivisionThatDoesNotAlign) {
  Writer w(false, 1);
  const Index x = Index::variable("a", 4) * 5 + Index::variable("b", 5) + Index::constant(1);
  const auto [high, low] = w.divide(x, 3);
  EXPECT_EQ(low.most(), 2);
  EXPECT_EQ(high.most(), 6);
  EXPECT_NE(w.text(), "");
}

TEST(Index, BroadcastJoinsNeighbouringAxes) {
  Writer w(false, 1);
  const Index i = Index::variable("i", 24);
  EXPECT_EQ(w.broadcast(i, {2, 3, 4}, {2, 3, 4}).text(), "i");
  EXPECT_EQ(w.broadcast(i, {1}, {2, 3, 4}).text(), "0");
  EXPECT_EQ(w.text(), "");
  w.broadcast(i, {3, 4}, {2, 3, 4});
  EXPECT_EQ(w.text(), "const int t0 = i / 12;\nconst int t1 = i % 12;\n");
}

TEST(Writer, RemembersWithinItsScope) {
  Writer w(false, 1);
  w.open("if (true)");
  const std::string inner = w.let("int", "1 + 1");
  EXPECT_EQ(w.let("int", "1 + 1"), inner);
  EXPECT_EQ(w.let("int", inner), inner);
  w.close();
  EXPECT_NE(w.let("int", "1 + 1"), inner);
}

}  // namespace
}  // namespace nitro::plan
