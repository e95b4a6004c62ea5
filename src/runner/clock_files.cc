#include "runner/clock_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "runner/board_files.h"

namespace nitro::runner {
namespace {

using std::filesystem::path;

bool is_gpu(const std::string& name) {
  for (const char* part : {"gpu", "gv11b", "gp10b", "ga10b"}) {
    if (name.contains(part)) return true;
  }
  return false;
}

/// Names of the board and of its chip, "nvidia,tegra210", with zeros between.
std::string compatible(const path& root) {
  std::ifstream file(root / "proc/device-tree/compatible", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<path> ClockFiles::written() const {
  return hold.empty() ? std::vector{most, least} : std::vector{hold, rate};
}

std::vector<path> ClockFiles::read() const {
  std::vector<path> files = {now, most, available};
  for (const path& file : {hold, rate_before, least}) {
    if (!file.empty() && std::ranges::find(files, file) == files.end()) files.push_back(file);
  }
  return files;
}

std::vector<path> emc_limit_files(const path& root) {
  return {root / "sys/kernel/nvpmodel_emc_cap/emc_iso_cap",
          root / "sys/kernel/nvpmodel_clk_cap/emc"};
}

std::optional<ClockFiles> gpu_clock_files(const path& root) {
  for (const path& folder : board_folders(root / "sys/class/devfreq", "")) {
    if (!is_gpu(board_text(folder / "device/of_node/name").value_or(folder.filename().native())))
      continue;
    if (!board_number(folder / "cur_freq")) continue;
    ClockFiles files;
    files.now = folder / "cur_freq";
    files.most = folder / "max_freq";
    files.least = folder / "min_freq";
    files.available = folder / "available_frequencies";
    return files;
  }
  return std::nullopt;
}

std::optional<ClockFiles> emc_clock_files(const path& root) {
  const std::string names = compatible(root);
  const path debug = root / "sys/kernel/debug";
  ClockFiles files;
  files.available_scale = 1000;
  if (names.contains("nvidia,tegra210")) {
    files.now = debug / "clk/emc/clk_rate";
    files.most = debug / "tegra_bwmgr/emc_max_rate";
    files.available = debug / "clk/emc/clk_possible_rates";
    files.hold = debug / "clk/override.emc/clk_state";
    files.rate = debug / "clk/override.emc/clk_update_rate";
    files.rate_before = debug / "clk/override.emc/clk_rate";
    return files;
  }
  if (!names.contains("nvidia,tegra")) return std::nullopt;
  const path folder = debug / "bpmp/debug/clk/emc";
  files.now = files.rate = files.rate_before = folder / "rate";
  files.most = folder / "max_rate";
  files.most_by_mode = emc_limit_files(root);
  files.available = debug / "bpmp/debug/emc/possible_rates";
  files.hold = folder / "mrq_rate_locked";
  return files;
}

}  // namespace nitro::runner
