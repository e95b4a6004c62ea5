#include "runner/sampling.h"

#include <gtest/gtest.h>

namespace nitro::runner {
namespace {

TEST(Sampling, OnceStoppedEachFrameHasASample) {
  int64_t calls[] = {0, 0, 0};
  std::vector<Frame> frames;
  for (int64_t& count : calls) {
    frames.emplace_back([&count]() -> Result<void> {
      ++count;
      return {};
    });
  }
  // From the start; during the first round; after some rounds.
  for (const int64_t after : {int64_t{0}, int64_t{1}, int64_t{40}}) {
    for (int64_t& count : calls) count = 0;
    const auto reply =
        sample_frames(frames, {true, true, true}, {.warmup_ns = 0, .max_warmup_ns = 0},
                      [&] { return calls[0] > after; });
    ASSERT_TRUE(reply.has_value()) << reply.error().text();
    EXPECT_EQ(reply->stopped_by, "interrupted");
    for (const Timing& timing : reply->variants) {
      EXPECT_GE(timing.samples_ns.size(), 1U);
      EXPECT_LE(timing.samples_ns.size(), static_cast<size_t>(after) + 1);
      EXPECT_EQ(timing.stamps_ns.size(), timing.samples_ns.size());
    }
  }
}

}  // namespace
}  // namespace nitro::runner
