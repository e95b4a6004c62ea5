#include "runner/board_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "runner/board_files.h"
#include "runner/board_power.h"
#include "runner/clock_files.h"
#include "runner/power_modes.h"

namespace nitro::runner {
namespace {

using std::filesystem::path;

/// Releases of L4T and the JetPack that each came with, the newest that is not newer counts.
struct Release {
  int64_t major, minor, patch;
  std::string_view jetpack;
};
constexpr std::array kReleases = {
    Release{28, 1, 0, "3.1"},   Release{28, 2, 0, "3.2"},   Release{28, 2, 1, "3.3"},
    Release{32, 1, 0, "4.2"},   Release{32, 2, 0, "4.2.1"}, Release{32, 2, 1, "4.2.2"},
    Release{32, 2, 3, "4.2.3"}, Release{32, 3, 1, "4.3"},   Release{32, 4, 2, "4.4"},
    Release{32, 4, 4, "4.4.1"}, Release{32, 5, 0, "4.5"},   Release{32, 5, 1, "4.5.1"},
    Release{32, 6, 1, "4.6"},   Release{32, 7, 1, "4.6.1"}, Release{32, 7, 2, "4.6.2"},
    Release{32, 7, 3, "4.6.3"}, Release{32, 7, 4, "4.6.4"}, Release{32, 7, 5, "4.6.5"},
    Release{32, 7, 6, "4.6.6"}, Release{34, 1, 0, "5.0"},   Release{34, 1, 1, "5.0.1"},
    Release{35, 1, 0, "5.0.2"}, Release{35, 2, 1, "5.1"},   Release{35, 3, 1, "5.1.1"},
    Release{35, 4, 1, "5.1.2"}, Release{35, 5, 0, "5.1.3"}, Release{35, 6, 0, "5.1.4"},
    Release{35, 6, 1, "5.1.5"}, Release{35, 6, 4, "5.1.6"}, Release{36, 2, 0, "6.0"},
    Release{36, 4, 0, "6.1"},   Release{36, 4, 3, "6.2"},   Release{36, 4, 4, "6.2.1"},
    Release{36, 5, 0, "6.2.2"}, Release{38, 2, 0, "7.0"},   Release{38, 4, 0, "7.1"},
    Release{39, 2, 0, "7.2"},
};

/// "# R32 (release), REVISION: 7.1, GCID: …" as 32, 7, 1.
std::optional<std::array<int64_t, 3>> l4t_release(const path& root) {
  const auto line = board_text(root / "etc/nv_tegra_release");
  if (!line) return std::nullopt;
  std::array<int64_t, 3> release = {0, 0, 0};
  const size_t revision = line->find("REVISION:");
  if (std::sscanf(line->c_str(), "# R%ld", &release[0]) != 1 || revision == std::string::npos)
    return std::nullopt;
  std::sscanf(line->c_str() + revision, "REVISION: %ld.%ld", &release[1], &release[2]);
  return release;
}

std::string jetpack_of(const std::array<int64_t, 3>& release) {
  std::string jetpack;
  for (const Release& row : kReleases) {
    const std::array<int64_t, 3> its = {row.major, row.minor, row.patch};
    if (its <= release && row.major == release[0]) jetpack = row.jetpack;
  }
  return jetpack;
}

Json named(const PowerMode& mode) {
  return Json::object({{"number", mode.number}, {"name", mode.name}});
}

/// "pmode:0002 fmode:quiet", with the names and limits of nvpmodel's own configuration.
void add_power_mode(Json& record, const path& root) {
  const auto status = board_text(root / "var/lib/nvpmodel/status");
  if (!status || !status->starts_with("pmode:")) return;
  const int64_t number = std::atoi(status->c_str() + std::string_view("pmode:").size());
  record["power_mode"] = number;
  const std::vector<PowerMode> modes = power_modes(root);
  const auto now = std::ranges::find(modes, number, &PowerMode::number);
  if (now == modes.end()) return;
  record["power_mode_name"] = now->name;
  const PowerMode fastest = std::ranges::max(modes, is_slower);
  record["fastest_power_mode"] = named(is_slower(*now, fastest) ? fastest : *now);
}

/// A clock in files of hertz times `scale`.
Json clock(const path& now, const path& least, const path& most, double scale) {
  Json clock = Json::object();
  for (const auto& [word, file] : {std::pair("now", now), {"least", least}, {"most", most}}) {
    if (const auto value = board_number(file)) clock[word] = static_cast<double>(*value) * scale;
  }
  return clock;
}

void add_clock(Json& record, const char* word, Json clock) {
  if (clock.contains("now")) record[word] = std::move(clock);
}

/// Processors that run at most as fast as others are not what bounds a launch: the fastest counts.
void add_cpu(Json& record, const path& root) {
  Json fastest = Json::object();
  for (const auto& cpu : board_folders(root / "sys/devices/system/cpu", "cpu")) {
    const path files = cpu / "cpufreq";
    Json its = clock(files / "scaling_cur_freq", files / "scaling_min_freq",
                     files / "scaling_max_freq", 1e-3);
    if (!its.contains("now")) continue;
    if (const auto governor = board_text(files / "scaling_governor"); governor)
      record["governor"] = *governor;
    if (its.at("now").as_number() >= fastest.at("now").as_number(0)) fastest = std::move(its);
  }
  add_clock(record, "cpu_mhz", std::move(fastest));
}

void add_gpu(Json& record, const path& root) {
  if (const auto files = gpu_clock_files(root))
    add_clock(record, "gpu_mhz", clock(files->now, files->least, files->most, 1e-6));
}

/// Lowers the highest clock of the memory to the power mode's limit; zero is none.
void limit_memory_clock(Json& clock, const path& root) {
  for (const path& file : emc_limit_files(root)) {
    const auto limit = board_number(file);
    if (!limit || *limit <= 0) continue;
    const double megahertz = static_cast<double>(*limit) * 1e-6;
    clock["most"] = std::min(megahertz, clock.at("most").as_number(megahertz));
  }
}

void add_memory_clock(Json& record, const path& root) {
  const path debug = root / "sys/kernel/debug";
  const path bpmp = debug / "bpmp/debug/clk/emc", manager = debug / "tegra_bwmgr";
  Json its = clock(bpmp / "rate", bpmp / "min_rate", bpmp / "max_rate", 1e-6);
  if (!its.contains("now")) {
    its = clock(debug / "clk/override.emc/clk_rate", manager / "emc_min_rate",
                manager / "emc_max_rate", 1e-6);
  }
  limit_memory_clock(its, root);
  add_clock(record, "emc_mhz", std::move(its));
}

/// Sensors that never say anything true are left out: PMIC is a constant, and -256 means off.
void add_temperatures(Json& record, const path& root) {
  Json temperatures = Json::object();
  bool throttled = false;
  for (const auto& zone : board_folders(root / "sys/class/thermal", "thermal_zone")) {
    const auto name = board_text(zone / "type");
    const auto millidegrees = board_number(zone / "temp");
    if (!name || !millidegrees || name->starts_with("PMIC") || *millidegrees <= -100'000) continue;
    temperatures[*name] = static_cast<double>(*millidegrees) / 1000;
    for (int trip = 0; const auto kind = board_text(zone / fmt::format("trip_point_{}_type", trip));
         ++trip) {
      const auto limit = board_number(zone / fmt::format("trip_point_{}_temp", trip));
      throttled =
          throttled || (*kind == "passive" && limit && *limit > 0 && *millidegrees >= *limit);
    }
  }
  if (temperatures.size() == 0) return;
  record["temperatures_c"] = std::move(temperatures);
  record["throttled"] = throttled;
}

void add_power(Json& record, const path& root) {
  const std::map<std::string, double> rails = board_power_mw(root);
  if (rails.empty()) return;
  Json power = Json::object();
  for (const auto& [name, milliwatts] : rails) power[name] = milliwatts;
  record["power_mw"] = std::move(power);
  record["total_rail"] = total_rail(rails);
}

void add_memory(Json& record, const path& root) {
  std::ifstream file(root / "proc/meminfo");
  std::map<std::string, int64_t> bytes;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    int64_t kib = 0;
    if (words >> name >> kib) bytes[name] = kib * 1024;
  }
  if (bytes.contains("MemAvailable:")) record["memory_available_bytes"] = bytes["MemAvailable:"];
  if (bytes.contains("SwapTotal:"))
    record["swap_used_bytes"] = bytes["SwapTotal:"] - bytes["SwapFree:"];
}

constexpr size_t kMostOrders = 16;

/// The most blocks of the largest size that is free, of /proc/buddyinfo: pages of 4 KiB times two
/// to the number of the column.
void add_free_blocks(Json& record, const path& root) {
  std::ifstream file(root / "proc/buddyinfo");
  size_t order = 0;
  int64_t blocks = 0;
  for (std::string line; std::getline(file, line);) {
    const size_t zone = line.find("zone");
    if (zone == std::string::npos) continue;
    std::istringstream words(line.substr(zone));
    std::string name;
    words >> name >> name;
    int64_t count = 0;
    for (size_t column = 0; column < kMostOrders && words >> count; ++column) {
      if (count == 0 || column < order) continue;
      blocks = column > order ? count : blocks + count;
      order = column;
    }
  }
  if (blocks == 0) return;
  const int64_t kib = int64_t{4} << order;
  record["largest_free_blocks"] = kib >= 1024 ? fmt::format("{}x{}MB", blocks, kib / 1024)
                                              : fmt::format("{}x{}kB", blocks, kib);
}

}  // namespace

Json board_record(const path& root) {
  Json record = Json::object();
  const auto release = l4t_release(root);
  if (!release) return record;
  if (const auto model = board_text(root / "proc/device-tree/model"))
    record["model"] = *model == "quill" ? "NVIDIA Jetson TX2 (quill)" : *model;
  record["l4t"] = fmt::format("{}.{}.{}", (*release)[0], (*release)[1], (*release)[2]);
  if (const std::string jetpack = jetpack_of(*release); !jetpack.empty())
    record["jetpack"] = jetpack;
  add_power_mode(record, root);
  add_cpu(record, root);
  add_gpu(record, root);
  add_memory_clock(record, root);
  add_temperatures(record, root);
  add_power(record, root);
  add_memory(record, root);
  add_free_blocks(record, root);
  return record;
}

}  // namespace nitro::runner
