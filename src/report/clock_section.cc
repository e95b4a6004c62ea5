#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

#include "report/document.h"
#include "report/format.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

constexpr size_t kMaxRows = 500;

/// A part of the time, its words, and the class that gives its colour.
struct Part {
  const char* key;
  const char* words;
  const char* style;
};
constexpr std::array kParts = {
    Part{"gpu_share", "GPU clock", "compute"}, Part{"memory_share", "Memory clock", "memory"},
    Part{"overlap_share", "Both, overlapped", "wave"}, Part{"fixed_share", "Neither", "launch"}};

std::string_view sentence(std::string_view verdict) {
  if (verdict == "compute") return "Most of it follows the GPU clock";
  if (verdict == "memory") return "Most of it follows the memory clock";
  if (verdict == "launch") return "Most of it follows neither clock";
  if (verdict == "mixed") return "No clock alone holds it";
  if (verdict == "not_compute") return "Most of it does not follow the GPU clock";
  return "The noise does not allow a verdict";
}

std::string segment(std::string_view style, double share) {
  if (share < 0.005) return "";
  return fmt::format(R"(<span class="{}" style="flex-grow:{:.4f}"></span>)", style, share);
}

std::string bar(const std::string& segments) {
  return "<div class=\"limits-bar\" aria-hidden=\"true\">" + segments + "</div>";
}

std::string shares_bar(const Json& shares) {
  std::string segments;
  for (const Part& part : kParts) {
    if (shares.contains(part.key))
      segments += segment(part.style, shares.at(part.key).at("value").as_number());
  }
  if (shares.contains("gpu_share") && !shares.contains("fixed_share"))
    segments += segment("unknown", 1 - shares.at("gpu_share").at("value").as_number());
  return bar(segments);
}

std::string cell(const Json& estimate) {
  if (!estimate.is_object()) return "<td>–</td>";
  return fmt::format("<td>{}<br><small>{:.0f}–{:.0f}</small></td>",
                     percent(estimate.at("value").as_number()),
                     100 * estimate.at("low").as_number(), 100 * estimate.at("high").as_number());
}

std::string row(std::string_view name, const Json& time, const Json& shares) {
  std::string html = fmt::format("<tr><th scope=\"row\"><span>{}</span>{}</th><td>{}</td>",
                                 text(name), shares_bar(shares), duration(time));
  for (const Part& part : kParts) html += cell(shares.at(part.key));
  const bool decided = shares.at("verdict").as_string() != "undecided";
  return html + fmt::format("<td>{}<br><small>{}</small></td></tr>\n",
                            text(shares.at("verdict").as_string(), 20),
                            decided ? "" : text(shares.at("evidence").as_string(), 600));
}

std::string rows(const Json& profile) {
  const Json& frame = profile.at("clock_probe").at("frame");
  std::string html = row("The whole frame", profile.at("total_ns"), frame);
  std::vector<const Json*> layers;
  for (const Json& layer : profile.at("layers").items()) {
    if (layer.contains("clock_shares")) layers.push_back(&layer);
  }
  std::ranges::stable_sort(layers, std::ranges::greater(),
                           [](const Json* layer) { return layer->at("time_ns").as_number(); });
  for (size_t i = 0; i < std::min(kMaxRows, layers.size()); ++i) {
    html += row(layers[i]->at("name").as_string(), layers[i]->at("time_ns"),
                layers[i]->at("clock_shares"));
  }
  return html;
}

std::string points(const Json& probe) {
  std::string list;
  for (const Json& point : probe.at("points").items()) {
    list += fmt::format("{}{}", list.empty() ? "" : ", ", quantity(point.at("gpu_hz"), "Hz"));
    if (point.contains("emc_hz")) list += " / " + quantity(point.at("emc_hz"), "Hz");
    list += " " + duration(point.at("frame_ns"));
    if (!point.at("used").as_bool()) list += " (left out: the clock did not hold)";
  }
  return list;
}

}  // namespace

std::string clock_section(const Json& result) {
  const Json& profile = shown_model(result).at("profile");
  if (!profile.contains("clock_probe")) return "";
  const Json& probe = profile.at("clock_probe");
  std::string html = "<section id=\"clocks\">\n<h2>What follows which clock</h2>\n";
  const std::string visited = fmt::format(
      "<p class=\"hint\">Frames at each setting (GPU / memory): {}.</p>\n", points(probe));
  if (!probe.contains("frame")) {
    return html + "<p>Too few clocks held while it was probed.</p>\n" + visited + "</section>\n";
  }
  html += fmt::format(
      "<p>{}: {}</p>\n<p class=\"hint\">Measured without counters: everything was run again with "
      "the clocks lowered. What follows the GPU clock is arithmetic, instructions, and what its "
      "caches deliver; what follows neither is launches and the host. Below each part its 95 % "
      "interval.</p>\n",
      sentence(probe.at("frame").at("verdict").as_string()),
      text(probe.at("frame").at("evidence").as_string(), 600));
  html +=
      "<div class=\"table-frame\"><table>\n<caption class=\"visually-hidden\">Parts of the time "
      "by clock, longest layer first</caption>\n<thead><tr><th scope=\"col\">Layer</th>"
      "<th scope=\"col\">Time</th>";
  for (const Part& part : kParts)
    html += fmt::format("<th scope=\"col\">{}{}</th>", part.words, bar(segment(part.style, 1)));
  return html + "<th scope=\"col\">Verdict</th></tr></thead>\n<tbody>" + rows(profile) +
         "</tbody></table></div>\n" + visited + "</section>\n";
}

}  // namespace nitro::report
