#include <fmt/core.h>

#include <algorithm>

#include "report/answer_changes.h"
#include "report/axis.h"
#include "report/format.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

constexpr std::string_view kIntro =
    R"(<p class="hint">Original and optimised model on the same {} scenes, on the runner and in the precision that was timed. A point is the share of right answers, its whiskers the 95&nbsp;% interval; the verdict compares image by image, so it can be surer than the whiskers look.</p>
)";

const Json& against(const Json& modality) { return modality.at("optimized").at("reference"); }

double top1(const Json& side) {
  const Json& counted = side.at("top1");
  return counted.at("hits").as_number() / std::max(1.0, counted.at("images").as_number());
}

/// One axis for all modalities, of shares in percent.
Axis common_axis(const Json& modalities) {
  double low = 100;
  double high = 0;
  for (const Json& modality : modalities.items()) {
    for (const char* side : {"baseline", "optimized"}) {
      const Json& counted = modality.at(side).at("top1");
      if (!counted.is_object()) continue;
      low = std::min(low, 100 * counted.at("low").as_number());
      high = std::max(high, 100 * counted.at("high").as_number());
    }
  }
  return {std::max(0.0, low - 1), std::min(100.0, high + 1)};
}

/// A point with its interval.
std::string whiskers(const Json& side, std::string_view kind, const Axis& axis) {
  const double low = axis.position(100 * side.at("top1").at("low").as_number());
  const double high = axis.position(100 * side.at("top1").at("high").as_number());
  return fmt::format(
      R"(<div class="whiskers {}"><i class="range" style="left:{:.2f}%;width:{:.2f}%"></i><i class="point" style="left:{:.2f}%"></i></div>)",
      kind, low, high - low, axis.position(100 * top1(side)));
}

std::string cosine_words(const Json& cosine) {
  if (!cosine.is_object()) return "";
  return fmt::format("embeddings: cosine {:.4f} in the mean, {:.4f} at least",
                     cosine.at("mean").as_number(), cosine.at("least").as_number());
}

std::string row(const Json& modality, double margin, const Axis& axis) {
  const Json& comparison = against(modality).at("comparison");
  std::string label = fmt::format("<b>{}</b>", text(modality.at("modality").as_string(), 30));
  std::string plot;
  if (comparison.is_object()) {
    label += fmt::format(
        " {} before, {} after<small>{}</small>", counted_share(modality.at("baseline").at("top1")),
        counted_share(modality.at("optimized").at("top1")), accuracy_verdict(comparison, margin));
    plot = whiskers(modality.at("baseline"), "before", axis) +
           whiskers(modality.at("optimized"), "after", axis);
  }
  label += fmt::format("<small>{}</small>", cosine_words(against(modality).at("cosine")));
  return fmt::format(
      "<div class=\"spread\"><div class=\"spread-label\">{}</div><div "
      "class=\"spread-plot\">{}</div></div>\n",
      label, plot);
}

std::string scale(const Axis& axis) {
  std::string marks;
  for (double tick : axis.ticks(6))
    marks += fmt::format(R"(<span style="left:{:.2f}%">{:g} %</span>)", axis.position(tick), tick);
  return fmt::format(
      "<div class=\"spread scale\"><div></div><div class=\"spread-plot\">{}</div></div>\n", marks);
}

std::string limit_value(const Json& check, std::string_view key) {
  const Json& value = check.at(key);
  if (!value.is_number()) return "unknown";
  return check.at("limit").as_string() == "min_cosine"
             ? fmt::format("{:.4f}", value.as_number())
             : fmt::format("{:.1f}{}", 100 * value.as_number(),
                           check.at("limit").as_string() == "max_drop" ? " points" : " %");
}

std::string limits_table(const Json& limits) {
  if (limits.size() == 0) return "";
  std::string rows;
  for (const Json& check : limits.items()) {
    const std::string& limit = check.at("limit").as_string();
    const bool held = check.at("held").as_bool();
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td><span class=\"mark "
        "{}\">{}</span></td></tr>\n",
        text(check.at("modality").as_string(), 30),
        limit == "max_drop"       ? "top-1 falls by at most"
        : limit == "min_accuracy" ? "top-1 at least"
                                  : "mean cosine at least",
        limit_value(check, "bound"), limit_value(check, "value"), held ? "good" : "bad",
        held ? "✓ held" : "✗ missed");
  }
  return fmt::format(R"(<h3>Limits</h3>
<div class="table-frame whole"><table>
<thead><tr><th scope="col">Modality</th><th scope="col">Limit</th><th scope="col">Bound</th><th scope="col">Measured</th><th scope="col">Outcome</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
                     rows);
}

}  // namespace

std::string accuracy_verdict(const Json& comparison, double margin) {
  const double difference = 100 * comparison.at("difference").as_number();
  const std::string change = fmt::format("{} points [{}, {}]", signed_points(difference),
                                         signed_points(100 * comparison.at("low").as_number()),
                                         signed_points(100 * comparison.at("high").as_number()));
  const std::string& verdict = comparison.at("verdict").as_string();
  if (verdict == "same")
    return fmt::format("The same: {} lies within ±{:g}.", change, 100 * margin);
  if (verdict == "better" || verdict == "worse")
    return fmt::format("{}: {}.", verdict == "better" ? "Better" : "Worse", change);
  const Json& needed = comparison.at("images_needed");
  return fmt::format("Unclear: {}; {}.", change,
                     needed.is_integer() ? fmt::format("about {} more images would tell",
                                                       grouped(needed.as_integer()))
                                         : "no number of images would tell with this margin");
}

std::string accuracy_section(const Json& result) {
  const Json& accuracy = result.at("accuracy");
  if (!accuracy.is_object()) return "";
  const Json& modalities = accuracy.at("modalities");
  const Axis axis = common_axis(modalities);
  const bool decided = std::ranges::any_of(modalities.items(), [](const Json& modality) {
    return against(modality).at("comparison").is_object();
  });
  std::string rows;
  for (const Json& modality : modalities.items())
    rows += row(modality, accuracy.at("margin").as_number(), axis);
  return "<section id=\"accuracy\">\n<h2>Accuracy</h2>\n" +
         fmt::format(kIntro, grouped(accuracy.at("data").at("evaluated").as_integer())) + rows +
         (decided ? scale(axis) : "") + limits_table(accuracy.at("limits")) +
         confusion_changes(accuracy) + changed_examples(accuracy) + "</section>\n";
}

}  // namespace nitro::report
