#include "report/pareto_chart.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "report/axis.h"
#include "report/format.h"
#include "report/trials.h"

namespace nitro::report {
namespace {

constexpr double kWidth = 900, kHeight = 380;
constexpr double kLeft = 62, kRight = 16, kTop = 14, kBottom = 46;

struct Mark {
  const Json* trial;
  double latency_ms;
  double loss;
  bool front;
  bool winner;
};

/// Where a value lies in the picture.
struct Scales {
  Axis latency, loss;
  double x(double ms) const {
    return kLeft + latency.position(ms) / 100 * (kWidth - kLeft - kRight);
  }
  double y(double points) const {
    return kHeight - kBottom - loss.position(points) / 100 * (kHeight - kTop - kBottom);
  }
};

std::vector<Mark> marks_of(const Json& search) {
  std::vector<Mark> marks;
  const auto& front = search.at("front").items();
  for (const Json& trial : search.at("trials").items()) {
    const std::optional<double> loss = worst_loss(trial);
    if (!loss || !trial.contains("latency_ns") || trial.contains("same_as")) continue;
    const Json& number = trial.at("number");
    marks.push_back({&trial, trial.at("latency_ns").at("value").as_number() / 1e6, *loss,
                     std::ranges::find(front, number) != front.end(),
                     number == search.at("winner")});
  }
  // What matters is drawn last, over the rest.
  std::ranges::stable_sort(marks, {},
                           [](const Mark& mark) { return mark.front + 2 * mark.winner; });
  return marks;
}

/// What is far beyond the limit is drawn at the edge.
Scales scales_of(const std::vector<Mark>& marks, const Json& search) {
  std::vector<double> latencies;
  double least = 0;
  double most = 0;
  for (const Mark& mark : marks) {
    latencies.push_back(mark.latency_ms);
    least = std::min(least, mark.loss);
    most = std::max(most, mark.loss);
  }
  const Json& limit = search.at("limits").at("max_drop");
  if (limit.is_number()) most = std::min(most, std::max(2.0, 500 * limit.as_number()));
  const double margin = std::max(0.05 * (most - least), 0.01);
  const auto [fastest, slowest] = std::ranges::minmax(latencies);
  const double side = std::max(0.05 * (slowest - fastest), 0.01 * slowest);
  return {{std::max(0.0, fastest - side), slowest + side}, {least - margin, most + margin}};
}

std::string axes(const Scales& scales, const Json& search) {
  std::string svg;
  for (double tick : scales.latency.ticks(8)) {
    svg += fmt::format(
        R"(<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/><text x="{0:.1f}" y="{3}" text-anchor="middle">{4:g}</text>)",
        scales.x(tick), kTop, kHeight - kBottom, kHeight - kBottom + 17, tick);
  }
  for (double tick : scales.loss.ticks(6)) {
    svg += fmt::format(
        R"(<line class="grid" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/><text x="{3}" y="{4:.1f}" text-anchor="end">{5:g}</text>)",
        kLeft, kWidth - kRight, scales.y(tick), kLeft - 8, scales.y(tick) + 4, tick);
  }
  const Json& limit = search.at("limits").at("max_drop");
  if (limit.is_number()) {
    svg += fmt::format(
        R"(<line class="limit" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/><text class="limit-label" x="{1}" y="{3:.1f}" text-anchor="end">limit</text>)",
        kLeft, kWidth - kRight, scales.y(100 * limit.as_number()),
        scales.y(100 * limit.as_number()) - 5);
  }
  return svg +
         fmt::format(
             R"(<text x="{}" y="{}" text-anchor="end">ms a frame</text><text x="4" y="{}">points lost</text>)",
             kWidth - kRight, kHeight - 8, kTop);
}

std::string words(const Mark& mark) {
  const std::string& stopped = mark.trial->at("stopped").as_string();
  return fmt::format("Trial {}: {}, {}{}{}. {}", mark.trial->at("number").as_integer(),
                     duration(1e6 * mark.latency_ms), loss_words(*mark.trial),
                     mark.winner ? ", the winner" : "",
                     stopped.empty() ? "" : ", ended early: " + text(stopped, 120),
                     text(mark.trial->at("description").as_string(), 400));
}

std::string circle(const Mark& mark, const Scales& scales) {
  const bool keeps = mark.trial->at("keeps_limits").as_bool();
  return fmt::format(
      R"(<circle class="trial{}{}{}" cx="{:.1f}" cy="{:.1f}" r="{}" tabindex="0" role="img"><title>{}</title></circle>)",
      mark.front ? " front" : "", mark.winner ? " winner" : "", keeps ? "" : " beyond",
      scales.x(mark.latency_ms), scales.y(mark.loss),
      mark.winner  ? 8
      : mark.front ? 6
                   : 4,
      words(mark));
}

std::string front_line(const std::vector<Mark>& marks, const Scales& scales) {
  std::vector<Mark> front;
  std::ranges::copy_if(marks, std::back_inserter(front), &Mark::front);
  std::ranges::stable_sort(front, {}, &Mark::latency_ms);
  std::string points;
  // On it by another modality or by memory, a trial may lie above: the line has no way up.
  double lowest = 1e30;
  for (const Mark& mark : front) {
    if (mark.loss >= lowest) continue;
    lowest = mark.loss;
    points += fmt::format("{:.1f},{:.1f} ", scales.x(mark.latency_ms), scales.y(mark.loss));
  }
  return fmt::format(R"(<polyline class="front-line" points="{}"/>)", points);
}

}  // namespace

std::string pareto_chart(const Json& search) {
  const std::vector<Mark> marks = marks_of(search);
  if (marks.size() < 2) return "";
  const Scales scales = scales_of(marks, search);
  std::string circles;
  for (const Mark& mark : marks) circles += circle(mark, scales);
  return fmt::format(
      R"(<figure id="pareto"><svg viewBox="0 0 {} {}" role="group" aria-label="Latency and loss of each trial">{}{}{}</svg>
<ul class="legend"><li><i class="dot winner"></i>winner</li><li><i class="dot front"></i>on the Pareto front</li><li><i class="dot"></i>keeps the limits</li><li><i class="dot beyond"></i>beyond them, or ended early</li></ul>
<p id="pareto-trial" class="hint" aria-live="polite">Point at a trial to see its recipe.</p></figure>
)",
      kWidth, kHeight, axes(scales, search), front_line(marks, scales), circles);
}

}  // namespace nitro::report
