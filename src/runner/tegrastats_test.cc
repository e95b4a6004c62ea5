#include "runner/tegrastats.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "base/file.h"

namespace nitro::runner {
namespace {

using Values = std::map<std::string, double>;

TEST(Tegrastats, OldestForm) {  // hordiales/jetson-tx1-dev, SCRIPTS.md: a TX1 with L4T 28.1
  const Tegrastats stats = read_tegrastats(
      "RAM 3468/3983MB (lfb 48x4MB) SWAP 873/8192MB (cached 295MB) cpu [17%,13%,29%,5%]@408 EMC "
      "1%@408 APE 25 GR3D 3%@76");
  EXPECT_EQ(stats.swap_used_bytes, int64_t{873} << 20);
  EXPECT_EQ(stats.largest_free_blocks, "48x4MB");
  EXPECT_EQ(stats.cpu_mhz, 408);
  EXPECT_EQ(stats.emc_mhz, 408);
  EXPECT_EQ(stats.gpu_mhz, 76);
  EXPECT_TRUE(stats.temperatures_c.empty() && stats.power_mw.empty());
}

TEST(Tegrastats, RailsNamedAsProcessorsAre) {  // AGX Xavier: DataDog/datadog-agent, jetson_test.go
  const Tegrastats stats = read_tegrastats(
      "RAM 721/31927MB (lfb 7291x4MB) SWAP 0/15963MB (cached 0MB) CPU "
      "[2%@1190,0%@1190,0%@1190,0%@1190,off,off,off,off] EMC_FREQ 0%@665 GR3D_FREQ 0%@318 APE 150 "
      "MTS fg 0% bg 0% AO@37.5C GPU@37.5C Tdiode@40C PMIC@100C AUX@36C CPU@37.5C thermal@36.9C "
      "Tboard@37C GPU 0/0 CPU 311/311 SOC 932/932 CV 0/0 VDDRQ 621/621 SYS5V 1482/1482");
  EXPECT_EQ(stats.cpu_mhz, 1190);
  EXPECT_EQ(stats.temperatures_c.size(), 7U);
  EXPECT_FALSE(stats.temperatures_c.contains("PMIC"));
  EXPECT_EQ(
      stats.power_mw,
      (Values{{"GPU", 0}, {"CPU", 311}, {"SOC", 932}, {"CV", 0}, {"VDDRQ", 621}, {"SYS5V", 1482}}));
}

TEST(Tegrastats, WithoutRootThereAreNoClocks) {  // a Nano, of the same source
  const Tegrastats stats = read_tegrastats(
      "RAM 613/3964MB (lfb 634x4MB) SWAP 0/1982MB (cached 0MB) CPU "
      "[2%@102,1%@102,0%@102,0%@102] EMC_FREQ 0% GR3D_FREQ 0% PLL@39C CPU@40.5C PMIC@100C GPU@41C "
      "AO@46C thermal@41C POM_5V_IN 900/943 POM_5V_GPU 0/0 POM_5V_CPU 123/123");
  EXPECT_EQ(stats.cpu_mhz, 102);
  EXPECT_FALSE(stats.emc_mhz || stats.gpu_mhz);
  EXPECT_EQ(stats.power_mw.at("POM_5V_IN"), 900);
}

TEST(Tegrastats, SensorsThatAreOffAndRailsOfNothing) {  // an AGX Orin with L4T 35
  const Tegrastats stats = read_tegrastats(
      "04-11-2025 10:36:27 RAM 4321/62801MB (lfb 1759x4MB) SWAP 19/31400MB (cached 0MB) CPU "
      "[0%@729,0%@729] EMC_FREQ 0%@2133 GR3D_FREQ 0%@[0,0] VIC_FREQ 729 APE 174 CV0@-256C "
      "CPU@44.562C Tboard@32C GPU@-256C tj@44.343C VDD_GPU_SOC 2340mW/2340mW VDD_CPU_CV "
      "390mW/390mW VIN_SYS_5V0 4025mW/4025mW NC 0mW/0mW VDDQ_VDD2_1V8AO 301mW/301mW NC 0mW/0mW");
  EXPECT_EQ(stats.temperatures_c, (Values{{"CPU", 44.562}, {"Tboard", 32}, {"tj", 44.343}}));
  EXPECT_EQ(stats.power_mw.size(), 4U);
  EXPECT_EQ(stats.gpu_mhz, 0);
}

TEST(Tegrastats,
     LatestForm) {  // a Thor with L4T 39: three powers, two temperatures, GPU's clusters
  Tegrastats stats = read_tegrastats(
      "08-08-2026 21:00:39 RAM 8353/125749MB (lfb 31x4MB) CPU [90%@2601,75%@2601,off,7%@2601] "
      "EMC_FREQ 34%@4266 GR3D_FREQ 87%@[1574,1574,1574] NVENC0_FREQ @1691 VIC off "
      "cpu@58.25C/61.75C tj@66.625C/66.625C gpu@56.937C/66.625C VDD_GPU 37939mW/8660mW/37939mW "
      "VIN_SYS_5V0 15486mW/7424mW/15486mW VIN 124486mW/36487mW/124486mW FUTURE_TOKEN value");
  EXPECT_EQ(stats.emc_mhz, 4266);
  EXPECT_EQ(stats.gpu_mhz, 1574);
  EXPECT_EQ(stats.temperatures_c, (Values{{"cpu", 58.25}, {"tj", 66.625}, {"gpu", 56.937}}));
  EXPECT_EQ(stats.power_mw, (Values{{"VDD_GPU", 37939}, {"VIN_SYS_5V0", 15486}, {"VIN", 124486}}));
  EXPECT_FALSE(stats.swap_used_bytes);
  stats = read_tegrastats("CPU [0%,5%,off]@2601 EMC_FREQ @4266 GR3D_FREQ @[1574, off,\t1600]");
  EXPECT_EQ(stats.cpu_mhz, 2601);
  EXPECT_EQ(stats.emc_mhz, 4266);
  EXPECT_EQ(stats.gpu_mhz, 1600);
}

TEST(Tegrastats, ReadsWhatIsReadable) {
  const Tegrastats stats = read_tegrastats(
      "RAM SWAP 5/MB lfb x lfb 252kB lfb 1x512kB CPU [ ] EMC_FREQ NaN GR3D_FREQ [-1,off] a@C @5C "
      "hot@1e9C far@999C b@12Cx c@3.5.2C VDD 1/ X 1//2 Y -5/3 Z 7mW Q 12mW/3W W 9/9/9/9 V 8/8 end");
  EXPECT_FALSE(stats.swap_used_bytes || stats.cpu_mhz || stats.emc_mhz || stats.gpu_mhz);
  EXPECT_EQ(stats.largest_free_blocks, "1x512kB");
  EXPECT_TRUE(stats.temperatures_c.empty());
  EXPECT_EQ(stats.power_mw, (Values{{"W", 9}, {"V", 8}}));
}

TEST(Tegrastats, AnyBytesAreTaken) {
  constexpr std::string_view kLine =
      "RAM 534/3964MB (lfb 98x4MB) SWAP 5/1982MB (cached 1MB) CPU [16%@204,off] EMC_FREQ 0%@204 "
      "GR3D_FREQ 0%@[76,76] CPU@36.5C POM_5V_IN 1022mW/1022mW";
  for (size_t length = 0; length < kLine.size(); ++length) read_tegrastats(kLine.substr(0, length));
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 2000; ++round) {
    std::string line(kLine);
    for (int change = 0; change < 4; ++change)
      line[random() % line.size()] = static_cast<char>(random());
    for (const auto& [name, degrees] : read_tegrastats(line).temperatures_c)
      EXPECT_TRUE(degrees >= -100 && degrees <= 200) << line;
  }
  EXPECT_TRUE(read_tegrastats(std::string(1 << 20, '[')).power_mw.empty());
  EXPECT_TRUE(read_tegrastats("SWAP 99999999999999999999/1MB A " + std::string(5000, '9') + "/1")
                  .power_mw.empty());
}

TEST(Tegrastats, RecordedLines) {  // TX1, TX2, Xavier NX, AGX Xavier without root; same source
  for (
      const char* line :
      {R"(RAM 1179/3983MB (lfb 120x4MB) IRAM 0/252kB(lfb 252kB) CPU [1%@102,4%@102,0%@102,0%@102] EMC_FREQ 7%@408 GR3D_FREQ 0%@76 APE 25 AO@42.5C CPU@37.5C GPU@39C PLL@37C Tdiode@42.75C PMIC@100C Tboard@42C thermal@38.5C VDD_IN 2532/2698 VDD_CPU 76/178 VDD_GPU 19/19)",
       R"(RAM 2344/7852MB (lfb 1154x4MB) SWAP 0/3926MB (cached 0MB) CPU [1%@345,off,off,1%@345,0%@345,2%@345] EMC_FREQ 4%@1600 GR3D_FREQ 0%@624 APE 150 PLL@37.5C MCPU@37.5C PMIC@100C Tboard@32C GPU@35C BCPU@37.5C thermal@36.5C Tdiode@34.25C VDD_SYS_GPU 152/152 VDD_SYS_SOC 687/687 VDD_4V0_WIFI 0/0 VDD_IN 3056/3056 VDD_SYS_CPU 152/152 VDD_SYS_DDR 883/883)",
       R"(RAM 4412/7772MB (lfb 237x4MB) SWAP 139/3886MB (cached 2MB) CPU [9%@1190,6%@1190,6%@1190,5%@1190,4%@1190,8%@1267] EMC_FREQ 10%@1600 GR3D_FREQ 62%@306 APE 150 MTS fg 0% bg 0% AO@41.5C GPU@43C PMIC@100C AUX@41.5C CPU@43.5C thermal@42.55C VDD_IN 4067/4067 VDD_CPU_GPU_CV 738/738 VDD_SOC 1353/1353)",
       R"(RAM 4083/31919MB (lfb 6179x4MB) SWAP 0/15959MB (cached 0MB) CPU [0%@1190,0%@1190,0%@1190,1%@1190,off,off,off,off] EMC_FREQ 0% GR3D_FREQ 0% AO@42C GPU@42C Tdiode@44.75C PMIC@100C AUX@41.5C CPU@42C thermal@41.6C Tboard@41C GPU 0/16 CPU 310/432 SOC 931/953 CV 0/0 VDDRQ 466/488 SYS5V 1522/1559)"}) {
    const Tegrastats stats = read_tegrastats(line);
    EXPECT_TRUE(stats.cpu_mhz && stats.temperatures_c.size() > 4 && stats.power_mw.size() >= 3)
        << line;
    EXPECT_TRUE(stats.largest_free_blocks.ends_with("x4MB")) << line;
  }
}

/// A folder that alone is $PATH, with a program tegrastats.
class TegrastatsProgram : public testing::Test {
 protected:
  void SetUp() override { ::setenv("PATH", folder_.path().c_str(), 1); }
  void TearDown() override { ::setenv("PATH", path_.c_str(), 1); }
  void put(const std::string& script) const {
    const std::filesystem::path file = folder_.path() / "tegrastats";
    std::ofstream(file) << "#!/bin/sh\n" << script;
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }
  const ScratchFolder folder_ = ScratchFolder::create("nitro-tegrastats").value();
  const std::string path_ = std::getenv("PATH");
};

TEST_F(TegrastatsProgram, OneLineIsTakenAndItEnds) {
  EXPECT_EQ(tegrastats_line(), "") << "there is none";
  put("echo $$ > " + (folder_.path() / "pid").string() +
      "\necho RAM 1/2MB \"$@\"\nwhile :; do /bin/sleep 1; done\n");
  EXPECT_EQ(tegrastats_line(), "RAM 1/2MB --interval 100");
  pid_t pid = 0;
  std::ifstream(folder_.path() / "pid") >> pid;
  EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(pid)));
  put("exit 1\n");
  EXPECT_EQ(tegrastats_line(), "");
  put("while :; do /bin/sleep 1; done\n");
  EXPECT_EQ(tegrastats_line(), "") << "it says nothing";
}

}  // namespace
}  // namespace nitro::runner
