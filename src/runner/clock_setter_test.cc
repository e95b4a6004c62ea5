#include "runner/clock_setter.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"

namespace nitro::runner {
namespace {

const std::string kGpu = "sys/class/devfreq/57000000.gpu/";
const std::string kDebug = "sys/kernel/debug/";

/// A folder with the clocks of a board; what the kernel would show of a change are links.
class ClockSetterTest : public testing::Test {
 protected:
  void put(const std::string& file, const std::string& content) const {
    std::filesystem::create_directories((root() / file).parent_path());
    std::ofstream(root() / file) << content;
  }
  void link(const std::string& file, const std::string& to) const {
    std::filesystem::create_directories((root() / file).parent_path());
    std::filesystem::create_symlink(root() / to, root() / file);
  }
  std::string read(const std::string& file) const {
    std::string line;
    std::ifstream stream(root() / file);
    std::getline(stream, line);
    return line;
  }
  std::filesystem::path root() const { return folder_->path() / "board"; }
  std::filesystem::path originals() const { return folder_->path() / kOriginalClocks; }

  void put_gpu() const {
    put(kGpu + "min_freq", "76800000\n");
    put(kGpu + "max_freq", "921600000\n");
    put(kGpu + "available_frequencies", "76800000 460800000 921600000 \n");
    link(kGpu + "cur_freq", kGpu + "max_freq");
  }
  void put_nano() const {
    put_gpu();
    put("proc/device-tree/compatible", std::string("nvidia,jetson-nano\0nvidia,tegra210\0", 35));
    put(kDebug + "tegra_bwmgr/emc_max_rate", "1600000000\n");
    put(kDebug + "clk/override.emc/clk_state", "0\n");
    put(kDebug + "clk/override.emc/clk_update_rate", "1600000000\n");
    link(kDebug + "clk/override.emc/clk_rate", kDebug + "clk/override.emc/clk_update_rate");
    link(kDebug + "clk/emc/clk_rate", kDebug + "clk/override.emc/clk_update_rate");
    put(kDebug + "clk/emc/clk_possible_rates", "204000 800000 ... 1600000 (kHz)\n");
  }
  void put_orin() const {
    put_gpu();
    put("proc/device-tree/compatible", std::string("nvidia,p3768\0nvidia,tegra234\0", 29));
    put(kDebug + "bpmp/debug/clk/emc/rate", "2133000000\n");
    put(kDebug + "bpmp/debug/clk/emc/max_rate", "3199000000\n");
    put(kDebug + "bpmp/debug/clk/emc/mrq_rate_locked", "0\n");
    put(kDebug + "bpmp/debug/emc/possible_rates", "204000 665600 2133000 3199000\n");
    put("sys/kernel/nvpmodel_emc_cap/emc_iso_cap", "2133000000\n");
  }

  Result<ScratchFolder> folder_ = ScratchFolder::create("clocks");
};

Result<BoardClocks> ask(ClockSetter& setter, const ClocksWanted& wanted = {}) {
  return parse_clocks(TRY(setter.answer(wanted)));
}

TEST_F(ClockSetterTest, TellsTheClocksOfANano) {
  put_nano();
  ClockSetter setter(root(), originals());
  const auto clocks = ask(setter);
  ASSERT_TRUE(clocks);
  EXPECT_EQ(clocks->gpu->now, 921'600'000);
  EXPECT_EQ(clocks->gpu->available, (std::vector<int64_t>{76'800'000, 460'800'000, 921'600'000}));
  EXPECT_EQ(clocks->emc->most, 1'600'000'000);
  EXPECT_EQ(clocks->emc->available,
            (std::vector<int64_t>{204'000'000, 800'000'000, 1'600'000'000}));
  EXPECT_EQ(clocks->gpu->cannot_set + clocks->emc->cannot_set + clocks->sudoers, "");
  EXPECT_FALSE(std::filesystem::exists(originals())) << "nothing was changed";
}

TEST_F(ClockSetterTest, FixesBothAndSetsThemBack) {
  put_nano();
  ClockSetter setter(root(), originals());
  auto clocks = ask(setter, {.gpu_hz = 460'800'000, .emc_hz = 800'000'000});
  ASSERT_TRUE(clocks) << clocks.error().message;
  EXPECT_EQ(clocks->gpu->now, 460'800'000);
  EXPECT_EQ(clocks->gpu->most, 921'600'000) << "of the board, not of now";
  EXPECT_EQ(clocks->emc->now, 800'000'000);
  EXPECT_EQ(read(kGpu + "min_freq"), "460800000");
  EXPECT_EQ(read(kDebug + "clk/override.emc/clk_state"), "1");
  const std::string board = root().native() + "/";
  EXPECT_EQ(*read_file(originals()), "921600000 " + board + kGpu + "max_freq\n76800000 " + board +
                                         kGpu + "min_freq\n1600000000 " + board + kDebug +
                                         "clk/override.emc/clk_update_rate\n0 " + board + kDebug +
                                         "clk/override.emc/clk_state\n");
  ASSERT_TRUE(ask(setter, {.gpu_hz = 921'600'000}));
  EXPECT_EQ(read(kGpu + "min_freq"), "921600000");
  clocks = ask(setter, {.restore = true});
  EXPECT_EQ(read(kGpu + "min_freq"), "76800000");
  EXPECT_EQ(read(kGpu + "max_freq"), "921600000");
  EXPECT_EQ(clocks->emc->now, 1'600'000'000);
  EXPECT_EQ(read(kDebug + "clk/override.emc/clk_state"), "0");
  EXPECT_FALSE(std::filesystem::exists(originals()));
}

TEST_F(ClockSetterTest, OfBoardsWithABpmpThePowerModeLimitsTheMemory) {
  put_orin();
  ClockSetter setter(root(), originals());
  auto clocks = ask(setter, {.emc_hz = 665'600'000});
  ASSERT_TRUE(clocks) << clocks.error().message;
  EXPECT_EQ(clocks->emc->most, 2'133'000'000);
  EXPECT_EQ(clocks->emc->now, 665'600'000);
  EXPECT_EQ(read(kDebug + "bpmp/debug/clk/emc/mrq_rate_locked"), "1");
  EXPECT_EQ(read(kGpu + "min_freq"), "76800000") << "was not asked for";
  ASSERT_TRUE(ask(setter, {.restore = true}));
  EXPECT_EQ(read(kDebug + "bpmp/debug/clk/emc/rate"), "2133000000");
  EXPECT_EQ(read(kDebug + "bpmp/debug/clk/emc/mrq_rate_locked"), "0");
}

TEST_F(ClockSetterTest, SetsThemBackAtItsEnd) {
  put_nano();
  {
    ClockSetter setter(root(), originals());
    ASSERT_TRUE(ask(setter, {.gpu_hz = 460'800'000}));
  }
  EXPECT_EQ(read(kGpu + "min_freq"), "76800000");
  EXPECT_FALSE(std::filesystem::exists(originals()));
}

TEST_F(ClockSetterTest, WhatCannotAllBeFixedIsLeftAsItWas) {
  put_nano();
  std::filesystem::remove(root() / (kDebug + "clk/override.emc/clk_update_rate"));
  ClockSetter setter(root(), originals());
  const auto clocks = setter.answer({.gpu_hz = 460'800'000, .emc_hz = 800'000'000});
  ASSERT_FALSE(clocks);
  EXPECT_EQ(clocks.error().code, ErrorCode::kEnvironment);
  EXPECT_EQ(read(kGpu + "max_freq"), "921600000");
  const auto told = ask(setter);
  EXPECT_TRUE(told->emc->cannot_set.contains("clk/emc/clk_rate")) << told->emc->cannot_set;
  EXPECT_TRUE(told->sudoers.contains("NOPASSWD: /usr/bin/tee " + root().native() + "/" + kGpu +
                                     "max_freq, /usr/bin/tee "))
      << told->sudoers;
  EXPECT_TRUE(told->sudoers.contains(", /bin/cat " + root().native() + "/" + kDebug));
}

TEST_F(ClockSetterTest, AClockThatDoesNotFollowShows) {
  put_nano();
  std::filesystem::remove(root() / (kGpu + "cur_freq"));
  put(kGpu + "cur_freq", "76800000\n");
  ClockSetter setter(root(), originals());
  EXPECT_EQ(ask(setter, {.gpu_hz = 460'800'000})->gpu->now, 76'800'000);
}

TEST_F(ClockSetterTest, OtherMachinesHaveNoClocks) {
  EXPECT_FALSE(ClockSetter::has_clocks(root()));
  put("proc/device-tree/compatible", "raspberrypi,4-model-b");
  ClockSetter setter(root(), originals());
  const auto clocks = ask(setter);
  EXPECT_FALSE(clocks->gpu || clocks->emc);
  EXPECT_FALSE(setter.answer({.gpu_hz = 1}));
}

TEST(Clocks, WhatIsAskedTravels) {
  const auto wanted = parse_clocks_wanted(to_json(ClocksWanted{.gpu_hz = 5, .restore = true}));
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->gpu_hz, 5);
  EXPECT_FALSE(wanted->emc_hz);
  EXPECT_TRUE(wanted->restore);
  for (const char* bad : {R"({"gpu_hz": 0})", R"({"emc_hz": "fast"})", R"({"restore": 1})"})
    EXPECT_FALSE(parse_clocks_wanted(*Json::parse(bad))) << bad;
}

TEST(Clocks, RepliesThatAreImpossibleAreRefused) {
  for (const char* bad :
       {R"({})", R"({"sudoers": 3})", R"({"sudoers": "", "gpu": 3})",
        R"({"sudoers": "", "gpu": {"now": -1, "most": 1, "available": []}})",
        R"({"sudoers": "", "gpu": {"now": 1, "available": []}})",
        R"({"sudoers": "", "gpu": {"now": 1, "most": 1, "available": [2, 1]}})",
        R"({"sudoers": "", "emc": {"now": 1, "most": 1, "available": [0]}})",
        R"({"sudoers": "", "emc": {"now": 1, "most": 1, "available": [], "cannot_set": 1}})"})
    EXPECT_FALSE(parse_clocks(*Json::parse(bad))) << bad;
}

}  // namespace
}  // namespace nitro::runner
