#include "base/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

namespace nitro {
namespace {

TEST(ReadAhead, KeepsTheOrder) {
  for (const size_t threads : {1U, 2U, 7U}) {
    for (const size_t ahead : {1U, 3U, 100U}) {
      ReadAhead<size_t> items(200, threads, ahead, [](size_t i) { return i * i; });
      for (size_t i = 0; i < 200; ++i) ASSERT_EQ(items.next(), i * i) << threads << " " << ahead;
      EXPECT_FALSE(items.next());
      EXPECT_FALSE(items.next());
    }
  }
}

TEST(ReadAhead, MakesNoMoreThanIsAskedFor) {
  std::atomic<size_t> made = 0;
  size_t taken = 0;
  ReadAhead<size_t> items(100, 4, 5, [&](size_t i) {
    ++made;
    return i;
  });
  while (items.next()) {
    ++taken;
    EXPECT_LE(made, taken + 5);
  }
  EXPECT_EQ(made, 100U);
}

TEST(ReadAhead, StopsInTheMiddle) {
  std::atomic<size_t> made = 0;
  {
    ReadAhead<std::unique_ptr<size_t>> items(1'000'000, 4, 8, [&](size_t i) {
      ++made;
      return std::make_unique<size_t>(i);
    });
    EXPECT_EQ(**items.next(), 0U);
  }
  EXPECT_LE(made, 9U);
}

TEST(ReadAhead, OfNothing) {
  ReadAhead<int> items(0, 3, 2, [](size_t) { return 1; });
  EXPECT_FALSE(items.next());
}

}  // namespace
}  // namespace nitro
