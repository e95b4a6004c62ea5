#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "report/axis.h"
#include "report/format.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

// Enough dots to see a shape; more only make the file larger.
constexpr size_t kMaxDots = 1500;
constexpr double kLaneHeight = 9;

struct Side {
  std::string_view label;
  std::string_view kind;
  const Json* measured;
};

std::vector<Side> sides(const Json& result) {
  std::vector<Side> list = {{"Baseline", "before", &result.at("baseline")}};
  if (result.contains("optimized")) list.push_back({"Optimised", "after", &result.at("optimized")});
  return list;
}

std::vector<double> all_samples(const Json& measured) {
  std::vector<double> samples;
  for (const Json& repetition : measured.at("samples_ns").items()) {
    for (const Json& sample : repetition.items()) samples.push_back(sample.as_number());
  }
  return samples;
}

/// One axis that holds the bulk of each side, however far apart they are.
Axis common_axis(const Json& result) {
  Axis axis;
  bool first = true;
  for (const Side& side : sides(result)) {
    std::vector<double> samples = all_samples(*side.measured);
    if (samples.empty()) continue;
    const Axis own = axis_of(std::move(samples));
    axis = first ? own : Axis{std::min(axis.low, own.low), std::max(axis.high, own.high)};
    first = false;
  }
  return axis;
}

/// The samples as dots, a lane for each repetition.
std::string dots(const Json& measured, const Axis& axis) {
  const size_t stride = all_samples(measured).size() / kMaxDots + 1;
  std::string path;
  double lane = 0;
  size_t index = 0;
  for (const Json& repetition : measured.at("samples_ns").items()) {
    for (const Json& sample : repetition.items()) {
      if (index++ % stride != 0) continue;
      path += fmt::format("M{:.2f} {:.1f}h0", axis.position(sample.as_number()),
                          (lane + 0.5) * kLaneHeight);
    }
    ++lane;
  }
  const double height = std::max(lane, 1.0) * kLaneHeight;
  return fmt::format(
      R"(<svg viewBox="0 0 100 {0:.0f}" preserveAspectRatio="none" style="height:{0:.0f}px" aria-hidden="true"><path d="{1}"/></svg>)",
      height, path);
}

std::string row(const Side& side, const Axis& axis) {
  const Json& summary = side.measured->at("summary");
  const double median = axis.position(summary.at("median_ns").as_number());
  std::string band;
  if (summary.at("low_ns").is_number() && summary.at("high_ns").is_number()) {
    const double low = axis.position(summary.at("low_ns").as_number());
    const double high = axis.position(summary.at("high_ns").as_number());
    band =
        fmt::format(R"(<i class="band" style="left:{:.2f}%;width:{:.2f}%"></i>)", low, high - low);
  }
  const std::vector<double> samples = all_samples(*side.measured);
  const auto beyond = std::ranges::count_if(samples, [&](double s) { return s > axis.high; });
  const std::string outside = beyond > 0 ? fmt::format("; {} beyond the right edge", beyond) : "";
  return fmt::format(
      "<div class=\"spread {}\"><div class=\"spread-label\"><b>{}</b> {}<small>{}<br>{} samples, "
      "{} processes; stopped: "
      "{}{}</small></div><div class=\"spread-plot\">{}{}<i class=\"median\" "
      "style=\"left:{:.2f}%\"></i></div></div>\n",
      side.kind, side.label, duration(summary.at("median_ns")),
      interval(summary.at("low_ns"), summary.at("high_ns")), samples.size(),
      side.measured->at("samples_ns").size(), text(summary.at("stop_reason").as_string(), 20),
      outside, dots(*side.measured, axis), band, median);
}

/// A duration without the zeros after its point, for ticks are round.
std::string tick_label(double nanoseconds) {
  std::string label = duration(nanoseconds);
  const size_t end = label.find("\u00A0");
  const std::string_view number = std::string_view(label).substr(0, end);
  if (!number.contains('.')) return label;
  const size_t last = number.find_last_not_of('0');
  const size_t kept = number[last] == '.' ? last : last + 1;
  return label.erase(kept, end - kept);
}

std::string scale(const Axis& axis) {
  std::string marks;
  for (double tick : axis.ticks(5)) {
    marks += fmt::format(R"(<span style="left:{:.2f}%">{}</span>)", axis.position(tick),
                         tick_label(tick));
  }
  return fmt::format(
      "<div class=\"spread scale\"><div></div><div class=\"spread-plot\">{}</div></div>\n", marks);
}

}  // namespace

std::string distribution_section(const Json& result) {
  if (all_samples(result.at("baseline")).empty()) return "";
  const Axis axis = common_axis(result);
  std::string html = R"(<section id="samples">
<h2>Every sample</h2>
<p class="hint">A dot is one timed frame, a lane one fresh process. The line is the median, the band its 95 % interval.</p>
)";
  for (const Side& side : sides(result)) html += row(side, axis);
  return html + scale(axis) + "</section>\n";
}

}  // namespace nitro::report
