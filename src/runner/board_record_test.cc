#include "runner/board_record.h"

#include <gtest/gtest.h>

#include <fstream>

#include "runner/board_gaps.h"
#include "runner/board_notes.h"
#include "runner/board_power.h"
#include "runner/test_board.h"

namespace nitro::runner {
namespace {

/// A folder with the files of a board, as its system shows them.
class BoardRecord : public testing::Test {
 protected:
  void put(const std::string& file, std::string_view content) const {
    const std::filesystem::path path = root() / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }
  std::filesystem::path root() const { return folder_->path(); }

  /// A Nano in its 5 W mode.
  void put_nano() const {
    write_tree(read_tree(NITRO_SOURCE_DIR "/src/runner/boards/jetson-nano.txt"), root());
    put("var/lib/nvpmodel/status", "pmode:0001\n");
  }

  Result<ScratchFolder> folder_ = ScratchFolder::create("nitro-board");
};

TEST_F(BoardRecord, MemoryIsThatOfItsFiles) {
  put_nano();
  put("proc/meminfo",
      "MemTotal:        4059256 kB\nMemAvailable:    3000000 kB\n"
      "SwapTotal:       2029620 kB\nSwapFree:        2024500 kB\n");
  put("proc/buddyinfo",
      "Node 0, zone      DMA    120     60     31     10      4      2      1      1      0      "
      "1     20\n"
      "Node 0, zone   Normal    300    120     61     20      8      4      2      2      1      "
      "1     78\n");
  const Json record = board_record(root());
  EXPECT_EQ(record.at("memory_available_bytes").as_integer(), int64_t{3000000} * 1024);
  EXPECT_EQ(record.at("swap_used_bytes").as_integer(), 5120 * 1024);
  EXPECT_EQ(record.at("largest_free_blocks").as_string(), "98x4MB");
  EXPECT_FALSE(has_gaps(record));
}

TEST_F(BoardRecord, ASensorAtItsTripPointThrottles) {
  put_nano();
  put("sys/class/thermal/thermal_zone1/temp", "97500\n");
  EXPECT_TRUE(board_record(root()).at("throttled").as_bool());
}

TEST_F(BoardRecord, ALaterBoardsGpuIsItsFirstDevice) {
  put("etc/nv_tegra_release", "# R38 (release), REVISION: 2.0\n");
  put("sys/class/devfreq/gpu-gpc-0/cur_freq", "1575000000\n");
  put("sys/class/devfreq/gpu-nvd-0/cur_freq", "1692000000\n");
  EXPECT_EQ(board_record(root()).at("gpu_mhz").at("now").as_number(), 1575);
}

TEST_F(BoardRecord, WhatIsMissingIsNotThere) {
  EXPECT_EQ(board_record(root()).size(), 0U);
  put("etc/nv_tegra_release", "# R32 (release), REVISION: 9\n");
  put("sys/class/thermal/thermal_zone0/type", "GPU-therm\n");  // without a temperature
  put("var/lib/nvpmodel/status", "\n");
  put("proc/buddyinfo", "nonsense\n");
  const Json record = board_record(root());
  EXPECT_EQ(record.at("l4t").as_string(), "32.9.0");
  EXPECT_EQ(record.at("jetpack").as_string(), "4.6.6");
  EXPECT_EQ(record.size(), 2U);
  put("etc/nv_tegra_release", "R32\n");
  EXPECT_EQ(board_record(root()).size(), 0U);
}

TEST_F(BoardRecord, PowerModesThatCannotBeRead) {
  put_nano();
  for (const char* text :
       {"", "< POWER_MODEL ID=x NAME=5W >\nGPU MAX_FREQ 1\n", "< POWER_MODEL NAME=5W >\n", "< <\n<",
        "POWER_MODEL ID=1 NAME=5W\n", "< POWER_MODEL ID=0 NAME=MAXN >\n"}) {
    put("etc/nvpmodel.conf", text);
    const Json record = board_record(root());
    EXPECT_EQ(record.at("power_mode").as_integer(), 1) << text;
    EXPECT_FALSE(record.contains("power_mode_name") || record.contains("fastest_power_mode"))
        << text;
  }
  put("etc/nvpmodel.conf",
      "< POWER_MODEL NAME=A ID=1 >\nGPU MAX_FREQ\nGPU MAX_FREQ x\nMAX_FREQ\nCPU_ONLINE CORE_0 1\n"
      "< PARAM >\nGPU MAX_FREQ 5\n< POWER_MODEL NAME=B ID=2 >\nCPU_ONLINE CORE_0 1\n");
  const Json record = board_record(root());
  EXPECT_EQ(record.at("power_mode_name").as_string(), "A");
  EXPECT_EQ(record.at("fastest_power_mode").at("number").as_integer(), 1) << "of equals its own";
}

std::vector<measure::QualityCode> codes(const Json& board) {
  std::vector<measure::QualityCode> list;
  for (const measure::QualityNote& note : board_notes(board)) list.push_back(note.code);
  return list;
}

TEST_F(BoardRecord, NotesSayWhatToSet) {
  using enum measure::QualityCode;
  put_nano();
  EXPECT_EQ(codes(board_record(root())), (std::vector{kClockUnlocked, kPowerMode}));
  EXPECT_EQ(board_notes(board_record(root())).back().detail,
            "power mode 1 (5W); the fastest: sudo nvpmodel -m 0 (MAXN)");
  put("sys/class/devfreq/57000000.gpu/min_freq", "921600000\n");
  put("var/lib/nvpmodel/status", "pmode:0000\n");
  EXPECT_TRUE(codes(board_record(root())).empty());
  put("proc/meminfo", "MemAvailable:     100000 kB\nSwapTotal: 2029620 kB\nSwapFree: 2029620 kB\n");
  put("sys/class/thermal/thermal_zone1/temp", "98000\n");
  EXPECT_EQ(codes(board_record(root())), (std::vector{kThrottled, kLowMemory}));
  EXPECT_TRUE(codes(Json()).empty());
  EXPECT_EQ(
      board_text(board_record(root())),
      "NVIDIA Jetson Nano Developer Kit, L4T 32.7.1 (JetPack 4.6.1), power mode 0 (MAXN), GPU "
      "76.8 of 921.6 MHz, 1.0 W");
}

TEST_F(BoardRecord, NotesAreOfTheMachineThatComputes) {
  measure::Environment here;
  here.governor = "powersave";
  RunnerInfo info;
  info.environment = Json::object();
  EXPECT_EQ(machine_notes(info, here), measure::quality_notes(here));
  info.environment["reached_by"] = "ssh://board";
  EXPECT_TRUE(machine_notes(info, here).empty());
}

TEST(BoardPower, TheTotalIsOneRail) {
  EXPECT_EQ(total_rail({{"POM_5V_CPU", 1}, {"POM_5V_IN", 2}}), "POM_5V_IN");
  EXPECT_EQ(total_rail({{"VDD_GPU", 1}, {"VIN", 2}, {"VIN_SYS_5V0", 1}}), "VIN");
  EXPECT_EQ(total_rail({{"GPU", 1}, {"CPU", 2}}), "");
}

}  // namespace
}  // namespace nitro::runner
