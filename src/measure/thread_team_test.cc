#include "measure/thread_team.h"

#include <gtest/gtest.h>

#include <atomic>

namespace nitro::measure {
namespace {

TEST(ThreadTeam, PreparesEachThreadOnceAndRunsItsPieces) {
  std::atomic<int> prepared_mask{0};
  std::atomic<int> pieces{0};
  const TeamRate rate = measure_rate(3, [&](int thread) -> Piece {
    EXPECT_EQ(prepared_mask.fetch_or(1 << thread) & (1 << thread), 0);
    return [&] {
      ++pieces;
      return 1.0;
    };
  });
  EXPECT_EQ(prepared_mask, 0b111);
  EXPECT_GT(pieces, 3);
  EXPECT_GT(rate.per_second, 0);
  EXPECT_GE(rate.processor_share, 0);
}

}  // namespace
}  // namespace nitro::measure
