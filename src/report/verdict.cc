#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "report/bound.h"
#include "report/document.h"
#include "report/format.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

std::string headline(const Json& result) {
  const std::string model = text(result.at("model").at("name").as_string(), 60);
  const std::string before = duration(result.at("baseline").at("summary").at("median_ns"));
  if (!result.contains("optimized")) return fmt::format("{} takes {} per frame.", model, before);
  const std::string after = duration(result.at("optimized").at("summary").at("median_ns"));
  const Json& comparison = result.at("comparison");
  const std::string& verdict = comparison.at("verdict").as_string();
  const double factor = comparison.at("speedup").as_number();
  if (verdict == "faster") {
    return fmt::format("{} runs <em>{}</em> faster: {} per frame became {}.", model,
                       speedup(comparison.at("speedup")), before, after);
  }
  if (verdict == "slower" && factor > 0) {
    return fmt::format("{} runs {} slower: {} per frame became {}.", model, speedup(1 / factor),
                       before, after);
  }
  if (verdict == "same")
    return fmt::format("{} runs as fast as before: {} per frame.", model, after);
  return fmt::format("Whether {} runs faster is unclear: {} per frame before, {} after.", model,
                     before, after);
}

double least_cosine(const Json::Array& checks) {
  double cosine = 1;
  for (const Json& check : checks) cosine = std::min(cosine, check.at("cosine").as_number());
  return cosine;
}

/// Of outputs that passes were meant to change.
std::string lossy_sentence(const Json& result, double cosine) {
  return fmt::format(
      "Lossy passes changed its outputs (cosine {:.4f} or better on test inputs); {}", cosine,
      result.at("accuracy").is_object()
          ? "accuracy decides."
          : "<strong>no accuracy was measured, so nothing judged them.</strong>");
}

/// " Right answers: rgb 60.0 % became 59.5 % (same)."
std::string accuracy_sentence(const Json& result) {
  std::string sentence;
  for (const Json& modality : result.at("accuracy").at("modalities").items()) {
    const Json& comparison = modality.at("optimized").at("reference").at("comparison");
    if (!comparison.is_object()) continue;
    sentence += fmt::format("{} {} {} became {} ({})", sentence.empty() ? " Right answers:" : ",",
                            text(modality.at("modality").as_string(), 30),
                            counted_share(modality.at("baseline").at("top1")),
                            counted_share(modality.at("optimized").at("top1")),
                            text(comparison.at("verdict").as_string(), 20));
  }
  return sentence.empty() ? "" : sentence + ".";
}

std::string numerics_sentence(const Json& result) {
  const Json::Array& checks = result.at("numerics").items();
  if (checks.empty()) {
    return result.contains("optimized") ? "Whether the outputs are still the same was not checked."
                                        : "";
  }
  const auto failed =
      std::ranges::count_if(checks, [](const Json& c) { return !c.at("ok").as_bool(); });
  const bool finite =
      std::ranges::all_of(checks, [](const Json& c) { return c.at("cosine").is_number(); });
  if (failed > 0 && finite && is_lossy(result)) return lossy_sentence(result, least_cosine(checks));
  if (failed > 0) {
    return fmt::format("<strong>The outputs differ: {} of {} checks failed.</strong>", failed,
                       checks.size());
  }
  double max_abs = 0;
  for (const Json& check : checks) max_abs = std::max(max_abs, check.at("max_abs").as_number());
  return fmt::format(
      "Its outputs equal the original ones to {} (cosine at least {:.6f}, {} checks).",
      scientific(max_abs), std::floor(least_cosine(checks) * 1e6) / 1e6, checks.size());
}

/// Indexes into kBounds, largest time first, leaving out what takes less than half a percent.
std::vector<size_t> main_bounds(const std::array<double, kBounds.size()>& times, double sum) {
  std::vector<size_t> order(kBounds.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return times[a] > times[b]; });
  std::erase_if(order, [&](size_t i) { return times[i] < 0.005 * sum; });
  return order;
}

std::string limits_sentence(const Json& result) {
  const auto times = time_by_bound(shown_model(result).at("profile"));
  const double sum = std::accumulate(times.begin(), times.end(), 0.0);
  if (sum <= 0) return "No layer was timed, so what limits it is not known.";
  std::vector<size_t> order = main_bounds(times, sum);
  order.resize(std::min<size_t>(order.size(), 3));
  std::string sentence;
  for (size_t i = 0; i < order.size(); ++i) {
    const std::string share = percent(times[order[i]] / sum);
    if (i > 0) sentence += i + 1 == order.size() ? " and " : ", ";
    sentence += i == 0 ? fmt::format("{} of the {}time in layers is limited by {}", share,
                                     result.contains("optimized") ? "remaining " : "",
                                     kBounds[order[i]].phrase)
                       : fmt::format("{} by {}", share, kBounds[order[i]].phrase);
  }
  return sentence + ".";
}

std::string figure(std::string_view label, std::string_view value, std::string_view detail,
                   std::string_view kind = "") {
  return fmt::format(
      "<div class=\"figure {}\"><dt>{}</dt><dd><b>{}</b><span>{}</span></dd></div>\n", kind, label,
      value, detail);
}

std::string figures(const Json& result) {
  std::string html = "<dl class=\"figures\">\n";
  const auto timed = [&](std::string_view label, const Json& summary) {
    html += figure(label, duration(summary.at("median_ns")),
                   interval(summary.at("low_ns"), summary.at("high_ns")));
  };
  timed("Baseline, median", result.at("baseline").at("summary"));
  if (result.contains("optimized")) {
    timed("Optimised, median", result.at("optimized").at("summary"));
    const Json& comparison = result.at("comparison");
    const bool faster = comparison.at("verdict").as_string() == "faster";
    const Json& p_value = comparison.at("p_value");
    html += figure(
        "Speed-up", speedup(comparison.at("speedup")),
        fmt::format("[{}, {}]{}", speedup(comparison.at("low")), speedup(comparison.at("high")),
                    p_value.is_number()
                        ? fmt::format(", p = {}", significant(p_value.as_number(), 2))
                        : ""),
        faster ? "good" : "");
  }
  double max_abs = 0;
  for (const Json& check : result.at("numerics").items())
    max_abs = std::max(max_abs, check.at("max_abs").as_number());
  if (result.at("numerics").size() > 0) {
    html += figure("Largest output difference", scientific(max_abs),
                   fmt::format("{} checks", result.at("numerics").size()));
  }
  return html + "</dl>\n";
}

std::string limits_bar(const Json& result) {
  const auto times = time_by_bound(shown_model(result).at("profile"));
  const double sum = std::accumulate(times.begin(), times.end(), 0.0);
  if (sum <= 0) return "";
  std::string bar;
  std::string legend;
  for (size_t i : main_bounds(times, sum)) {
    const BoundStyle& bound = kBounds[i];
    bar += fmt::format(R"(<span class="{}" style="flex-grow:{:.4f}"></span>)", bound.name,
                       times[i] / sum);
    legend += fmt::format("<li>{} {}</li>", bound_chip(bound.name), percent(times[i] / sum));
  }
  return fmt::format(
      "<div class=\"limits\"><div class=\"limits-bar\" aria-hidden=\"true\">{}</div>"
      "<ul class=\"legend\">{}</ul></div>\n",
      bar, legend);
}

}  // namespace

std::string verdict_section(const Json& result) {
  const Json& runner = result.at("runner");
  std::string html = "<section id=\"verdict\">\n";
  html += fmt::format("<p class=\"eyebrow\">{} · {} {} · {} {} · {}</p>\n",
                      text(result.at("workload").at("description").as_string()),
                      text(runner.at("name").as_string()),
                      text(runner.at("version").as_string(), 40), runner.at("threads").as_integer(),
                      runner.at("threads").as_integer() == 1 ? "thread" : "threads",
                      text(result.at("environment").at("cpu").as_string(), 60));
  if (result.at("interrupted").as_bool()) {
    html +=
        "<p class=\"banner\" role=\"note\"><strong>Interrupted.</strong> The work was stopped "
        "before its end; "
        "what follows is what was known by then.</p>\n";
  }
  html +=
      fmt::format("<h1>{}</h1>\n<p class=\"lead\">{}{} {}</p>\n", headline(result),
                  numerics_sentence(result), accuracy_sentence(result), limits_sentence(result));
  return html + figures(result) + limits_bar(result) + "</section>\n";
}

}  // namespace nitro::report
