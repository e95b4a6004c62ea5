#include "cli/optimize_text.h"

#include <algorithm>

#include "base/text.h"
#include "cli/profile_text.h"
#include "cli/table.h"
#include "report/format.h"

namespace nitro::cli {
namespace {

std::string time_line(std::string_view word, const Json& measured) {
  const Json& summary = measured.at("summary");
  std::string interval;
  if (summary.contains("low_ns")) {
    interval = fmt::format("  [{:.2f}, {:.2f}]", summary.at("low_ns").as_number() / 1e6,
                           summary.at("high_ns").as_number() / 1e6);
  }
  return fmt::format("{:<10} {:.2f} ms/frame{}\n", word, summary.at("median_ns").as_number() / 1e6,
                     interval);
}

std::string factor(const Json& comparison) {
  if (!comparison.is_object()) return "";
  std::string text = fmt::format("{:.3f}x", comparison.at("speedup").as_number());
  if (comparison.contains("low")) {
    text += fmt::format(" [{:.3f}, {:.3f}]", comparison.at("low").as_number(),
                        comparison.at("high").as_number());
  }
  return text;
}

std::string ledger_table(const Json& ledger) {
  Table table(
      {{"PASS"}, {"CHANGED"}, {"SPEEDUP"}, {"VERDICT"}, {"KEPT"}, {"NOTE", Align::kLeft, true}});
  for (const Json& entry : ledger.items()) {
    if (!entry.at("changed").as_bool()) continue;
    table.add({entry.at("pass").as_string(), std::to_string(entry.at("nodes_touched").as_integer()),
               factor(entry.at("measured")), entry.at("measured").at("verdict").as_string(),
               entry.at("kept").as_bool() ? "yes" : "no", entry.at("note").as_string()});
  }
  return table.text();
}

std::string numerics_line(const Json& checks) {
  if (checks.size() == 0) return fmt::format("{:<10} not compared\n", "outputs");
  double cosine = 1;
  double largest = 0;
  bool ok = true;
  for (const Json& check : checks.items()) {
    cosine = std::min(cosine, check.at("cosine").as_number(-1));
    largest = std::max(largest, check.at("max_abs").as_number());
    ok = ok && check.at("ok").as_bool();
  }
  return fmt::format("{:<10} {} in {} comparisons: cosine {:.8f} or better, at most {:.2e} apart\n",
                     "outputs", ok ? "equal" : "DIFFERENT", checks.size(), cosine, largest);
}

}  // namespace

std::string optimize_text(const Json& result) {
  const Json& comparison = result.at("comparison");
  std::string verdict;
  if (comparison.is_object()) {
    verdict = fmt::format("{:<10} {} {}, p = {:.3g}\n", "speedup", factor(comparison),
                          display(comparison.at("verdict").as_string(), 20),
                          comparison.at("p_value").as_number(1));
  }
  return time_line("baseline", result.at("baseline")) +
         time_line("optimized", result.at("optimized")) + verdict +
         numerics_line(result.at("numerics")) + "\n" + ledger_table(result.at("ledger")) +
         quality_notes_text(result) + "\n";
}

}  // namespace nitro::cli
