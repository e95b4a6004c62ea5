#include "runner/board_record.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "runner/board_notes.h"
#include "runner/board_power.h"

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

  void put_nano() const {
    put("etc/nv_tegra_release",
        "# R32 (release), REVISION: 7.1, GCID: 29818004, BOARD: t210ref, EABI: aarch64\n");
    put("proc/device-tree/model", std::string("NVIDIA Jetson Nano Developer Kit\0", 33));
    put("var/lib/nvpmodel/status", "pmode:0001\n");
    for (const char* cpu : {"cpu0", "cpu1"}) {
      const std::string files = std::string("sys/devices/system/cpu/") + cpu + "/cpufreq/";
      put(files + "scaling_cur_freq", "918000\n");
      put(files + "scaling_min_freq", "102000\n");
      put(files + "scaling_max_freq", "918000\n");
      put(files + "scaling_governor", "schedutil\n");
    }
    put("sys/class/devfreq/57000000.gpu/cur_freq", "76800000\n");
    put("sys/class/devfreq/57000000.gpu/min_freq", "76800000\n");
    put("sys/class/devfreq/57000000.gpu/max_freq", "640000000\n");
    put("sys/kernel/debug/clk/override.emc/clk_rate", "1600000000\n");
    put("sys/class/thermal/thermal_zone0/type", "GPU-therm\n");
    put("sys/class/thermal/thermal_zone0/temp", "36000\n");
    put("sys/class/thermal/thermal_zone0/trip_point_0_type", "passive\n");
    put("sys/class/thermal/thermal_zone0/trip_point_0_temp", "97000\n");
    put("sys/class/thermal/thermal_zone1/type", "PMIC-Die\n");
    put("sys/class/thermal/thermal_zone1/temp", "100000\n");
    const std::string sensor = "sys/bus/i2c/devices/6-0040/";
    put(sensor + "name", "ina3221x\n");
    int channel = 0;
    for (const auto& [rail, power] :
         {std::pair("POM_5V_IN", "1022"), {"POM_5V_GPU", "41"}, {"POM_5V_CPU", "204"}}) {
      const std::string number = std::to_string(channel++);
      put(sensor + "iio:device0/rail_name_" + number, std::string(rail) + "\n");
      put(sensor + "iio:device0/in_power" + number + "_input", std::string(power) + "\n");
    }
    put("proc/meminfo",
        "MemTotal:        4059256 kB\nMemAvailable:    3000000 kB\n"
        "SwapTotal:       2029620 kB\nSwapFree:        2024500 kB\n");
    put("proc/buddyinfo",
        "Node 0, zone      DMA    120     60     31     10      4      2      1      1      0      "
        "1     20\n"
        "Node 0, zone   Normal    300    120     61     20      8      4      2      2      1      "
        "1     78\n");
  }

  Result<ScratchFolder> folder_ = ScratchFolder::create("nitro-board");
};

TEST_F(BoardRecord, JetsonNano) {
  put_nano();
  const Json record = board_record(root());
  EXPECT_EQ(record.at("model").as_string(), "NVIDIA Jetson Nano Developer Kit");
  EXPECT_EQ(record.at("l4t").as_string(), "32.7.1");
  EXPECT_EQ(record.at("jetpack").as_string(), "4.6.1");
  EXPECT_EQ(record.at("power_mode").as_integer(), 1);
  EXPECT_EQ(record.at("cpu_mhz").at("now").as_number(), 918);
  EXPECT_EQ(record.at("governor").as_string(), "schedutil");
  EXPECT_DOUBLE_EQ(record.at("gpu_mhz").at("now").as_number(), 76.8);
  EXPECT_EQ(record.at("gpu_mhz").at("most").as_number(), 640);
  EXPECT_EQ(record.at("emc_mhz").at("now").as_number(), 1600);
  EXPECT_EQ(record.at("temperatures_c").at("GPU-therm").as_number(), 36);
  EXPECT_FALSE(record.at("temperatures_c").contains("PMIC-Die"));
  EXPECT_FALSE(record.at("throttled").as_bool());
  EXPECT_EQ(record.at("power_mw").at("POM_5V_IN").as_number(), 1022);
  EXPECT_EQ(record.at("total_rail").as_string(), "POM_5V_IN");
  EXPECT_EQ(record.at("memory_available_bytes").as_integer(), int64_t{3000000} * 1024);
  EXPECT_EQ(record.at("swap_used_bytes").as_integer(), 5120 * 1024);
  EXPECT_EQ(record.at("largest_free_blocks").as_string(), "98x4MB");
}

TEST_F(BoardRecord, ASensorAtItsTripPointThrottles) {
  put_nano();
  put("sys/class/thermal/thermal_zone0/temp", "97500\n");
  EXPECT_TRUE(board_record(root()).at("throttled").as_bool());
}

TEST_F(BoardRecord, LaterBoardsHaveVoltsAndAmperes) {
  put("etc/nv_tegra_release", "# R35 (release), REVISION: 4.1, GCID: 33958178, BOARD: t186ref\n");
  const std::string sensor = "sys/bus/i2c/devices/1-0040/";
  put(sensor + "name", "ina3221\n");
  put(sensor + "hwmon/hwmon3/in1_label", "VDD_IN\n");
  put(sensor + "hwmon/hwmon3/in1_input", "4912\n");
  put(sensor + "hwmon/hwmon3/curr1_input", "848\n");
  put(sensor + "hwmon/hwmon3/in2_label", "NC\n");
  put(sensor + "hwmon/hwmon3/in2_input", "4912\n");
  put(sensor + "hwmon/hwmon3/curr2_input", "8\n");
  put("sys/class/devfreq/17000000.ga10b/cur_freq", "624750000\n");
  put("sys/kernel/debug/bpmp/debug/clk/emc/rate", "2133000000\n");
  put("sys/kernel/debug/bpmp/debug/clk/emc/max_rate", "2133000000\n");
  const Json record = board_record(root());
  EXPECT_EQ(record.at("jetpack").as_string(), "5.1.2");
  EXPECT_DOUBLE_EQ(record.at("power_mw").at("VDD_IN").as_number(), 4912 * 848 / 1000.0);
  EXPECT_EQ(record.at("power_mw").size(), 1U);
  EXPECT_EQ(record.at("gpu_mhz").at("now").as_number(), 624.75);
  EXPECT_EQ(record.at("emc_mhz").at("most").as_number(), 2133);
}

TEST_F(BoardRecord, WhatIsMissingIsNotThere) {
  EXPECT_EQ(board_record(root()).size(), 0U);
  put("etc/nv_tegra_release", "# R32 (release), REVISION: 9\n");
  put("sys/class/thermal/thermal_zone0/type", "GPU-therm\n");  // without a temperature
  put("var/lib/nvpmodel/status", "\n");
  put("proc/buddyinfo", "nonsense\n");
  const Json record = board_record(root());
  EXPECT_EQ(record.at("l4t").as_string(), "32.9.0");
  EXPECT_EQ(record.at("jetpack").as_string(), "4.6.4");
  EXPECT_EQ(record.size(), 2U);
  put("etc/nv_tegra_release", "R32\n");
  EXPECT_EQ(board_record(root()).size(), 0U);
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
  put("sys/class/devfreq/57000000.gpu/min_freq", "640000000\n");
  put("var/lib/nvpmodel/status", "pmode:0000\n");
  EXPECT_TRUE(codes(board_record(root())).empty());
  put("proc/meminfo", "MemAvailable:     100000 kB\nSwapTotal: 2029620 kB\nSwapFree: 2029620 kB\n");
  put("sys/class/thermal/thermal_zone0/temp", "98000\n");
  EXPECT_EQ(codes(board_record(root())), (std::vector{kThrottled, kLowMemory}));
  EXPECT_TRUE(codes(Json()).empty());
  EXPECT_EQ(
      board_text(board_record(root())),
      "NVIDIA Jetson Nano Developer Kit, L4T 32.7.1 (JetPack 4.6.1), power mode 0, GPU 76.8 of "
      "640.0 MHz, 1.0 W");
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
  EXPECT_EQ(total_rail({{"GPU", 1}, {"CPU", 2}}), "");
}

}  // namespace
}  // namespace nitro::runner
