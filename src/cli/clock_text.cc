#include "cli/clock_text.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "cli/table.h"
#include "cli/wrapped.h"

namespace nitro::cli {
namespace {

struct Part {
  const char* key;
  const char* words;
};
constexpr std::array kParts = {Part{"gpu_share", "GPU clock"}, Part{"memory_share", "memory clock"},
                               Part{"overlap_share", "both"}, Part{"fixed_share", "neither"}};

std::string percent(const Json& estimate) {
  return estimate.is_object() ? fmt::format("{:.0f}%", 100 * estimate.at("value").as_number())
                              : "–";
}

/// With half of its interval: "62±3%".
std::string with_interval(const Json& estimate) {
  if (!estimate.is_object()) return "–";
  const double width = estimate.at("high").as_number() - estimate.at("low").as_number();
  return fmt::format("{:.0f}±{:.0f}%", 100 * estimate.at("value").as_number(), 50 * width);
}

}  // namespace

std::string clock_line(const Json& profile) {
  if (!profile.contains("clock_probe")) return "";
  const Json& frame = profile.at("clock_probe").at("frame");
  if (!frame.is_object()) return fmt::format("{:<10} not known: they did not hold\n", "by clocks");
  std::string line;
  for (const Part& part : kParts) {
    if (!frame.contains(part.key)) continue;
    line +=
        fmt::format("{}{} {}", line.empty() ? "" : " · ", percent(frame.at(part.key)), part.words);
  }
  if (frame.contains("gpu_share") && !frame.contains("fixed_share"))
    line += " · the rest memory or neither";
  return wrapped(
      fmt::format("{:<10} {}: {}", "by clocks", display(frame.at("verdict").as_string(), 20), line),
      kTableCells, 11);
}

std::string clock_table(const Json& profile, size_t top) {
  std::vector<const Json*> layers;
  for (const Json& layer : profile.at("layers").items()) {
    if (layer.contains("clock_shares")) layers.push_back(&layer);
  }
  if (layers.empty()) return "";
  std::ranges::stable_sort(layers, std::ranges::greater{},
                           [](const Json* layer) { return layer->at("time_ns").as_number(); });
  Table table({{"MS", Align::kRight},
               {"MODULE OR LAYER", Align::kLeft, true},
               {"GPU CLOCK", Align::kRight},
               {"MEMORY CLOCK", Align::kRight},
               {"BOTH", Align::kRight},
               {"NEITHER", Align::kRight},
               {"FOLLOWS"}});
  for (size_t i = 0; i < std::min(top, layers.size()); ++i) {
    const Json& layer = *layers[i];
    const Json& shares = layer.at("clock_shares");
    const std::string& module = layer.at("module").as_string();
    std::vector<std::string> cells = {fmt::format("{:.3f}", layer.at("time_ns").as_number() / 1e6),
                                      module.empty() ? layer.at("name").as_string() : module};
    for (const Part& part : kParts) cells.push_back(with_interval(shares.at(part.key)));
    cells.push_back(shares.at("verdict").as_string());
    table.add(std::move(cells));
  }
  return "\n" + table.text();
}

}  // namespace nitro::cli
