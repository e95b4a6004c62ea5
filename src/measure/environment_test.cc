#include "measure/environment.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "measure/system_text.h"

namespace nitro::measure {
namespace {

/// A machine made of files.
class FakeMachine {
 public:
  FakeMachine() : folder_(ScratchFolder::create("nitro-environment").value()) {}
  const std::filesystem::path& root() const { return folder_.path(); }
  void write(const std::string& path, std::string_view text) {
    std::filesystem::create_directories((root() / path).parent_path());
    std::ofstream(root() / path, std::ios::binary) << text;
  }
  void write_cache(int index, std::string_view type, std::string_view level, std::string_view size,
                   std::string_view shared) {
    const std::string folder =
        "sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/";
    write(folder + "type", type);
    write(folder + "level", level);
    write(folder + "size", size);
    write(folder + "shared_cpu_list", shared);
  }

 private:
  ScratchFolder folder_;
};

std::vector<QualityCode> codes(const Environment& environment) {
  std::vector<QualityCode> result;
  for (const QualityNote& note : quality_notes(environment)) result.push_back(note.code);
  return result;
}

TEST(Environment, ReadsAServer) {
  FakeMachine machine;
  machine.write(
      "proc/cpuinfo",
      "processor\t: 0\nmodel name\t: Some CPU @ 2.60GHz\nmicrocode\t: 0x1a\n"
      "flags\t\t: fpu avx2 fma avx512f hypervisor\n\nprocessor\t: 1\nmodel name\t: Other\n");
  machine.write("proc/meminfo", "MemTotal:  1000 kB\nMemAvailable:  50 kB\nSwapTotal: 9 kB\n");
  machine.write("proc/loadavg", "1.50 0.59 0.44 1/87 5993\n");
  machine.write("proc/sys/kernel/osrelease", "6.1.0\n");
  machine.write("etc/os-release", "NAME=\"X\"\nPRETTY_NAME=\"Some Linux 12\"\n");
  machine.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
  machine.write_cache(0, "Data\n", "1\n", "48K\n", "0\n");
  machine.write_cache(1, "Instruction\n", "1\n", "32K\n", "0\n");
  machine.write_cache(2, "Unified\n", "3\n", "32768K\n", "0-1\n");
  const Environment environment = read_environment(machine.root());
  EXPECT_EQ(environment.cpu_model, "Some CPU @ 2.60GHz");
  EXPECT_EQ(environment.microcode, "0x1a");
  EXPECT_EQ(environment.processors, 2);
  EXPECT_GE(environment.usable_processors, 1);
  EXPECT_EQ(environment.isa, (std::vector<std::string>{"avx2", "fma", "avx512f"}));
  EXPECT_EQ(environment.memory_bytes, 1024000);
  EXPECT_EQ(environment.swap_used_bytes, 9 * 1024);
  EXPECT_EQ(environment.load_average, 1.5);
  EXPECT_EQ(environment.os, "Some Linux 12");
  EXPECT_EQ(environment.kernel, "6.1.0");
  EXPECT_TRUE(environment.virtual_machine);
  EXPECT_EQ(environment.caches, (std::vector<CpuCache>{{1, 48 << 10, 1}, {3, 32 << 20, 2}}));
  EXPECT_EQ(codes(environment), (std::vector{QualityCode::kClockUnlocked, QualityCode::kOtherLoad,
                                             QualityCode::kLowMemory}));
}

TEST(Environment, ReadsABoard) {
  FakeMachine machine;
  machine.write("proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd\nCPU part\t: 0xd07\n");
  machine.write("proc/device-tree/model", std::string_view("NVIDIA Jetson Nano\0", 19));
  machine.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "schedutil");
  const Environment environment = read_environment(machine.root());
  EXPECT_EQ(environment.board, "NVIDIA Jetson Nano");
  EXPECT_EQ(environment.cpu_model, "0xd07");
  EXPECT_EQ(environment.isa, (std::vector<std::string>{"asimd"}));
  ASSERT_EQ(codes(environment), (std::vector{QualityCode::kClockUnlocked}));
  EXPECT_EQ(quality_notes(environment)[0].detail, "governor schedutil");
}

TEST(Environment, QuietMachineWithFixedClocksHasNoNotes) {
  Environment environment;
  environment.governor = "performance";
  environment.processors = 8;
  environment.load_average = 3.9;
  environment.memory_bytes = 100;
  environment.available_memory_bytes = 50;
  EXPECT_TRUE(quality_notes(environment).empty());
  environment.load_average = 4.1;
  EXPECT_EQ(codes(environment), (std::vector{QualityCode::kOtherLoad}));
}

TEST(Environment, EmptyMachineIsUnknown) {
  const FakeMachine machine;
  const Environment environment = read_environment(machine.root());
  EXPECT_EQ(environment.cpu_model, "");
  EXPECT_EQ(environment.memory_bytes, 0);
  EXPECT_TRUE(environment.caches.empty());
  EXPECT_EQ(codes(environment), (std::vector{QualityCode::kClockUnlocked}));
}

TEST(Environment, MalformedFilesStayUnknown) {
  FakeMachine machine;
  machine.write("proc/cpuinfo", "model name\xff:::\nmodel name : \xff\x1b[31m\nflags\n:\n");
  machine.write("proc/meminfo",
                "MemTotal: 99999999999999999999 kB\nMemAvailable: -5 kB\nSwapTotal:");
  machine.write("proc/loadavg", "nan");
  machine.write_cache(0, "Data", "x", "48K", "0");
  machine.write_cache(1, "Data", "1", "99999999999999M", "0");
  machine.write_cache(2, "Data", "2", "-1K", "0");
  machine.write_cache(3, "Unified", "2", "64K", "5-1");
  const Environment environment = read_environment(machine.root());
  EXPECT_EQ(environment.memory_bytes, 0);
  EXPECT_EQ(environment.available_memory_bytes, 0);
  EXPECT_EQ(environment.load_average, 0);
  EXPECT_EQ(environment.caches, (std::vector<CpuCache>{{2, 64 << 10, 1}}));
  EXPECT_TRUE(Json::parse(to_json(environment).dump()).has_value());
}

TEST(Environment, ThisMachineHasProcessorsMemoryAndTime) {
  const Environment environment = read_environment();
  EXPECT_GE(environment.processors, 1);
  EXPECT_GT(environment.memory_bytes, 0);
  EXPECT_EQ(environment.time.size(), 20U);
  EXPECT_EQ(to_json(environment).at("processors").as_integer(), environment.processors);
}

TEST(CpuList, CountsRangesAndRefusesNonsense) {
  EXPECT_EQ(count_cpu_list("0"), 1);
  EXPECT_EQ(count_cpu_list("0-3,8,10-11"), 7);
  for (const char* list : {"", "x", "3-1", "0-", "-", "1-2-3", "0-99999999"}) {
    EXPECT_EQ(count_cpu_list(list), 0) << list;
  }
}

TEST(SystemText, FindsTheValueOfALine) {
  EXPECT_EQ(line_value("a : 1\nbb\t: 2 \n", "bb"), "2");
  EXPECT_EQ(line_value("A=\"x y\"\n", "A", '='), "x y");
  EXPECT_EQ(line_value("ab: 1\n", "a"), "");
  EXPECT_FALSE(system_text("/no/such/file").has_value());
}

}  // namespace
}  // namespace nitro::measure
