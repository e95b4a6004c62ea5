#include <fmt/core.h>

#include <cmath>

#include "report/format.h"
#include "report/pareto_chart.h"
#include "report/sections.h"
#include "report/sensitivity_map.h"
#include "report/trials.h"

namespace nitro::report {
namespace {

std::string summary(const Json& search) {
  int64_t stopped = 0;
  int64_t keeping = 0;
  for (const Json& trial : search.at("trials").items()) {
    stopped += trial.at("stopped").as_string().empty() ? 0 : 1;
    keeping += trial.at("keeps_limits").as_bool() ? 1 : 0;
  }
  return fmt::format(
      "<p class=\"hint\">{} trials by {}, of which {} keep the limits and {} were ended early; {} "
      "lie "
      "on the Pareto front of latency, memory and every modality. {} of the time went into the "
      "search "
      "itself.</p>\n",
      search.at("trials").size(), text(search.at("sampler").as_string(), 20), keeping, stopped,
      search.at("front").size(), percent(search.at("overhead").as_number()));
}

/// "rgb −0.5 · depth +0.3"
std::string cost(const Json& losses) {
  std::string words;
  for (const auto& [modality, loss] : losses.members()) {
    const double points = 100 * loss.as_number();
    words += fmt::format("{}{} {}{:.1f}", words.empty() ? "" : " · ", text(modality, 30),
                         points > 0 ? "−" : "+", std::abs(points));
  }
  return words;
}

std::string bought(const Json& entry) {
  const Json& measured = entry.at("measured");
  if (!measured.is_object()) return text(entry.at("note").as_string(), 200);
  return fmt::format("{} <small>[{}, {}] {}</small>", speedup(measured.at("speedup")),
                     speedup(measured.at("low")), speedup(measured.at("high")),
                     text(measured.at("verdict").as_string(), 20));
}

std::string ledger(const Json& search) {
  std::string rows;
  for (const Json& entry : search.at("ledger").items()) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n",
                        text(entry.at("description").as_string(), 200), bought(entry),
                        cost(entry.at("cost")));
  }
  for (const Json& entry : search.at("dropped").items()) {
    rows += fmt::format(
        "<tr class=\"left-out\"><th scope=\"row\">{}</th><td colspan=\"2\">{} <small>in {} "
        "trials</small></td></tr>\n",
        text(entry.at("step").as_string(), 60), text(entry.at("why").as_string(), 300),
        entry.at("trials").as_integer());
  }
  return fmt::format(R"(<h3>What each step of the winner brings</h3>
<p class="hint">The winner beside the winner without that step, and the points that the step costs. Below, what the winner does without.</p>
<div class="table-frame whole"><table class="contributions">
<thead><tr><th scope="col">Step</th><th scope="col">Bought</th><th scope="col">Cost</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
                     rows);
}

}  // namespace

std::string search_section(const Json& result) {
  const Json& search = result.at("search");
  if (!search.is_object()) return "";
  const Json& winner = trial_of(search, search.at("winner").as_integer(-1));
  return fmt::format(
      "<section id=\"search\">\n<h2>What the search found</h2>\n{}<p>The winner: "
      "{}.</p>\n{}{}{}</section>\n",
      summary(search), text(winner.at("description").as_string(), 600), pareto_chart(search),
      ledger(search), sensitivity_map(search));
}

}  // namespace nitro::report
