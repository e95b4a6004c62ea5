#include "runner/board_gaps.h"

#include <algorithm>
#include <array>

#include "runner/board_power.h"
#include "runner/tegrastats.h"

namespace nitro::runner {
namespace {

constexpr std::array kTold = {"cpu_mhz",
                              "gpu_mhz",
                              "emc_mhz",
                              "temperatures_c",
                              "power_mw",
                              "swap_used_bytes",
                              "largest_free_blocks"};

Json numbers(const std::map<std::string, double>& values) {
  if (values.empty()) return {};
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = value;
  return object;
}

Json clock(const std::optional<double>& now) {
  return now ? Json::object({{"now", *now}}) : Json();
}

/// The member of this name as the record has it; null where the line does not tell it.
Json member(std::string_view name, const Tegrastats& stats) {
  if (name == "cpu_mhz") return clock(stats.cpu_mhz);
  if (name == "gpu_mhz") return clock(stats.gpu_mhz);
  if (name == "emc_mhz") return clock(stats.emc_mhz);
  if (name == "temperatures_c") return numbers(stats.temperatures_c);
  if (name == "power_mw") return numbers(stats.power_mw);
  if (name == "swap_used_bytes")
    return stats.swap_used_bytes ? Json(*stats.swap_used_bytes) : Json();
  return stats.largest_free_blocks.empty() ? Json() : Json(stats.largest_free_blocks);
}

}  // namespace

bool has_gaps(const Json& board) {
  return board.size() > 0 &&
         std::ranges::any_of(kTold, [&](const char* name) { return !board.contains(name); });
}

void fill_gaps(Json& board, std::string_view line) {
  const Tegrastats stats = read_tegrastats(line);
  Json filled = Json::array();
  for (const char* name : kTold) {
    Json value = board.contains(name) ? Json() : member(name, stats);
    if (value.is_null()) continue;
    board[name] = std::move(value);
    filled.push_back(name);
    if (std::string_view(name) == "power_mw") board["total_rail"] = total_rail(stats.power_mw);
  }
  if (filled.size() > 0) board["from_tegrastats"] = std::move(filled);
}

}  // namespace nitro::runner
