#include "runner/power_modes.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <tuple>

#include "base/text.h"

namespace nitro::runner {
namespace {

/// The words after "< POWER_MODEL", whose ID and NAME come in either order.
std::optional<PowerMode> parse_heading(std::istringstream& words) {
  PowerMode mode;
  bool numbered = false;
  for (std::string word; words >> word;) {
    if (word.starts_with("ID=")) numbered = parse_integer(word.substr(3), mode.number);
    if (word.starts_with("NAME=")) mode.name = word.substr(5);
  }
  return numbered ? std::optional(mode) : std::nullopt;
}

/// "GPU MAX_FREQ 640000000"; zero and -1 limit nothing.
void parse_setting(PowerMode& mode, const std::string& part, std::istringstream& words) {
  std::string what;
  int64_t value = 0;
  if (!(words >> what >> value)) return;
  if (part == "CPU_ONLINE") mode.cores += value;
  if (what != "MAX_FREQ") return;
  const int64_t limit = value > 0 ? value : PowerMode::kNoLimit;
  if (part == "GPU") mode.gpu = limit;
  if (part == "EMC") mode.memory = limit;
  if (part.starts_with("CPU_"))
    mode.cpu = mode.cpu == PowerMode::kNoLimit ? limit : std::max(mode.cpu, limit);
}

}  // namespace

std::vector<PowerMode> power_modes(const std::filesystem::path& root) {
  std::ifstream file(root / "etc/nvpmodel.conf");
  std::vector<PowerMode> modes;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first, kind;
    words >> first;
    if (first == "<") {
      words >> kind;
      const auto mode = kind == "POWER_MODEL" ? parse_heading(words) : std::nullopt;
      inside = mode.has_value();
      if (inside) modes.push_back(*mode);
    } else if (inside) {
      parse_setting(modes.back(), first, words);
    }
  }
  return modes;
}

bool is_slower(const PowerMode& mode, const PowerMode& other) {
  const auto limits = [](const PowerMode& its) {
    return std::tuple(its.gpu, its.memory, its.cpu, its.cores);
  };
  return limits(mode) < limits(other);
}

}  // namespace nitro::runner
