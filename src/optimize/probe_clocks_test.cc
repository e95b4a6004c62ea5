#include "optimize/probe_clocks.h"

#include <gtest/gtest.h>

namespace nitro::optimize {
namespace {

constexpr int64_t kMegahertz = 1'000'000;

std::vector<int64_t> steps(std::initializer_list<double> megahertz) {
  std::vector<int64_t> list;
  for (const double step : megahertz) list.push_back(static_cast<int64_t>(step * 1e6));
  return list;
}

runner::BoardClocks nano() {
  return {
      runner::BoardClock{
          0, 921'600'000,
          steps({76.8, 153.6, 230.4, 307.2, 384, 460.8, 537.6, 614.4, 691.2, 768, 844.8, 921.6})},
      runner::BoardClock{0, 1600 * kMegahertz, steps({204, 408, 665.6, 800, 1065.6, 1331.2, 1600})},
      ""};
}

TEST(ChooseClocks, HalvesBoth) {
  const auto clocks = choose_clocks(nano());
  ASSERT_TRUE(clocks);
  EXPECT_EQ(clocks->high.gpu_hz, 921'600'000);
  EXPECT_EQ(clocks->low.gpu_hz, 460'800'000);
  EXPECT_EQ(clocks->high.emc_hz, 1600 * kMegahertz);
  EXPECT_EQ(clocks->low.emc_hz, 800 * kMegahertz);
}

TEST(ChooseClocks, StaysWithinThePowerMode) {
  runner::BoardClocks board = nano();
  board.gpu->most = 640 * kMegahertz;  // between two steps
  const auto clocks = choose_clocks(board);
  EXPECT_EQ(clocks->high.gpu_hz, 614'400'000);
  EXPECT_EQ(clocks->low.gpu_hz, 307'200'000);
}

TEST(ChooseClocks, TheGpuGoesByTheRatioThatTheMemoryHas) {
  const runner::BoardClocks orin = {
      runner::BoardClock{0, 624'750'000, steps({306, 408, 510, 612, 624.75})},
      runner::BoardClock{0, 2133 * kMegahertz, steps({204, 665.6, 2133})}, ""};
  const auto clocks = choose_clocks(orin);
  EXPECT_EQ(clocks->low.emc_hz, 665'600'000);
  EXPECT_EQ(clocks->low.gpu_hz, 306 * kMegahertz);
}

TEST(ChooseClocks, WithoutTheMemorysClockTheGpusIsProbed) {
  runner::BoardClocks board = nano();
  board.emc->cannot_set = "not for this user";
  const auto clocks = choose_clocks(board);
  EXPECT_EQ(clocks->low.emc_hz, 0);
  EXPECT_EQ(clocks->memory_kept, "not for this user");
  board.emc = runner::BoardClock{0, 1600 * kMegahertz, steps({1600})};
  EXPECT_EQ(choose_clocks(board)->low.emc_hz, 0);
  board.emc.reset();
  EXPECT_FALSE(choose_clocks(board)->memory_kept.empty());
}

TEST(ChooseClocks, WithoutTheGpusClockItSaysWhatToDo) {
  runner::BoardClocks board = nano();
  board.gpu->cannot_set = "max_freq may not be written";
  board.sudoers = "nano ALL=(root) NOPASSWD: /usr/bin/tee max_freq";
  const auto clocks = choose_clocks(board);
  ASSERT_FALSE(clocks);
  EXPECT_EQ(clocks.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(clocks.error().hint.contains("/etc/sudoers.d/nitro"));
  EXPECT_TRUE(clocks.error().hint.ends_with(board.sudoers));
  board = nano();
  board.gpu->available = steps({921.6});
  EXPECT_FALSE(choose_clocks(board));
}

}  // namespace
}  // namespace nitro::optimize
