#include "runner/trtexec_turns.h"

#include <gtest/gtest.h>

namespace nitro::runner {
namespace {

TEST(TrtexecTurns, OlderVersionsWriteTheirWarmUp) {
  const Turn turn = without_warm_up({{0.1, 9}, {150, 2}, {200, 3}, {250, 4}}, 200);
  ASSERT_EQ(turn.times.size(), 2U);
  EXPECT_EQ(turn.times[0].compute_ms, 3);
  EXPECT_EQ(turn.warmup_frames, 2);
  EXPECT_EQ(turn.first_ms, 9);
}

TEST(TrtexecTurns, NewerVersionsLeaveItOut) {
  const Turn turn = without_warm_up({{200, 3}, {250, 4}}, 200);
  EXPECT_EQ(turn.times.size(), 2U);
  EXPECT_FALSE(turn.first_ms.has_value()) << "the first of the file is not the first there was";
  EXPECT_EQ(without_warm_up({{0.1, 9}}, 0).first_ms, 9);
}

TEST(TrtexecTurns, AreWarmWhereTimesNoLongerChange) {
  std::vector<trace::InferenceTime> times;
  for (int i = 0; i < 40; ++i) times.push_back({10.0 * i, i < 10 ? 5.0 : 2.0});
  EXPECT_TRUE(without_warm_up(times, 300).warm);
  EXPECT_TRUE(without_warm_up(times, 0).warm) << "soon after";
  for (int i = 0; i < 40; ++i) times[i].compute_ms = 100 - 2 * i;
  EXPECT_FALSE(without_warm_up(times, 300).warm);
  EXPECT_FALSE(without_warm_up({{500, 2}}, 300).warm) << "nobody knows";
}

TEST(TrtexecTurns, NothingWasTimed) {
  EXPECT_TRUE(without_warm_up({}, 0).times.empty());
  EXPECT_FALSE(without_warm_up({}, 0).first_ms.has_value());
}

TEST(TrtexecTurns, ShareTheTime) {
  const TurnLength one = turn_length({.warmup_ns = 200'000'001, .max_ns = 15'000'000'000}, 1);
  EXPECT_EQ(one.warmup_ms, 201);
  EXPECT_EQ(one.seconds, 4);
  EXPECT_EQ(one.iterations, 10);
  EXPECT_EQ(turn_length({.max_ns = 15'000'000'000}, 2).seconds, 2);
  EXPECT_EQ(turn_length({.max_ns = 1}, 8).seconds, 1);
}

TEST(TrtexecTurns, FewSamplesTakeNoTime) {
  const TurnLength length = turn_length({.min_samples = 1, .max_samples = 3}, 2);
  EXPECT_EQ(length.seconds, 0);
  EXPECT_EQ(length.iterations, 3);
}

}  // namespace
}  // namespace nitro::runner
