#include "cli/optimize_text.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "cli/accuracy_text.h"
#include "cli/profile_text.h"
#include "cli/table.h"
#include "cli/wrapped.h"
#include "report/document.h"
#include "report/format.h"

namespace nitro::cli {
namespace {

std::string time_line(std::string_view word, const Json& measured) {
  const Json& summary = measured.at("summary");
  std::string interval;
  if (summary.contains("low_ns")) {
    interval = fmt::format("  [{:.3f}, {:.3f}]", summary.at("low_ns").as_number() / 1e6,
                           summary.at("high_ns").as_number() / 1e6);
  }
  return fmt::format("{:<10} {:.3f} ms/frame{}\n", word, summary.at("median_ns").as_number() / 1e6,
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

/// Apart from what was measured.
std::string prediction_text(const Json& prediction, size_t width) {
  if (!prediction.is_object()) return "";
  const auto frame = [&](std::string_view side) {
    const auto ms = [&](std::string_view key) {
      return prediction.at(side).at(key).as_number() / 1e6;
    };
    return fmt::format("{:.1f} ms/frame [{:.1f}, {:.1f}]", ms("total_ns"), ms("low_ns"),
                       ms("high_ns"));
  };
  const double after_ns = prediction.at("optimized").at("total_ns").as_number();
  const double gain =
      after_ns > 0 ? prediction.at("baseline").at("total_ns").as_number() / after_ns : 1;
  const std::string text = fmt::format("{:<10} {} before, {} after, {:.2f}x: on {}, {} {}",
                                       "predicted", frame("baseline"), frame("optimized"), gain,
                                       display(prediction.at("device_title").as_string(), 40),
                                       display(prediction.at("runtime").as_string(), 40),
                                       display(prediction.at("precision").as_string(), 10));
  return wrapped(text, width, 11);
}

/// "+1.234 ms"; "" where nothing was predicted.
std::string predicted_gain(const Json& gain_ns) {
  return gain_ns.is_number() ? fmt::format("{:+.3f} ms", gain_ns.as_number() / 1e6) : "";
}

/// The passes that changed something.
std::string ledger_table(const Json& ledger) {
  const bool predicted = std::ranges::any_of(
      ledger.items(), [](const Json& entry) { return entry.at("predicted_gain_ns").is_number(); });
  Table table({{"PASS"},
               {"NODES", Align::kRight},
               {predicted ? "PREDICTED GAIN" : "SPEEDUP"},
               {"VERDICT"},
               {"KEPT"}});
  bool any = false;
  bool measured = false;
  for (const Json& entry : ledger.items()) {
    if (!entry.at("changed").as_bool()) continue;
    any = true;
    measured = measured || entry.at("measured").is_object();
    table.add(
        {entry.at("pass").as_string() + (entry.at("kind").as_string() == "lossy" ? " (lossy)" : ""),
         std::to_string(entry.at("nodes_touched").as_integer()),
         predicted ? predicted_gain(entry.at("predicted_gain_ns")) : factor(entry.at("measured")),
         entry.at("measured").at("verdict").as_string(),
         entry.at("kept").as_bool() ? "yes" : "no"});
  }
  if (!any) return "no pass found anything to rewrite\n";
  return table.text() +
         (measured
              ? "SPEEDUP: over the model before that pass, with its 95 % interval. A pass that "
                "costs time is dropped.\n"
              : "");
}

/// Each note once, behind the passes that it is of.
std::string ledger_notes(const Json& ledger, size_t width) {
  std::vector<std::pair<std::string, std::string>> notes;  // note, passes
  for (const Json& entry : ledger.items()) {
    const std::string& note = entry.at("note").as_string();
    if (note.empty()) continue;
    auto found = std::ranges::find(notes, note, &std::pair<std::string, std::string>::first);
    if (found == notes.end()) found = notes.insert(notes.end(), {note, ""});
    found->second += (found->second.empty() ? "" : ", ") + entry.at("pass").as_string();
  }
  std::string text;
  for (const auto& [note, passes] : notes)
    text += wrapped(fmt::format("{}: {}", display(passes, 1000), display(note, 1000)), width, 4);
  return text.empty() ? text : "\n" + text;
}

std::string numerics_text(const Json& result, size_t width) {
  const Json& checks = result.at("numerics");
  if (checks.size() == 0) return fmt::format("{:<10} not compared\n", "outputs");
  double cosine = 1;
  double largest = 0;
  bool ok = true;
  size_t constant = 0;
  bool lossy = report::is_lossy(result);
  std::vector<std::string> inputs;
  for (const Json& check : checks.items()) {
    cosine = std::min(cosine, check.at("cosine").as_number(-1));
    largest = std::max(largest, check.at("max_abs").as_number());
    ok = ok && check.at("ok").as_bool();
    lossy = lossy && check.at("cosine").is_number();  // no pass may lose finite values
    constant += check.at("mistrusted").as_bool() ? 1 : 0;
    const std::string& input = check.at("input").as_string();
    if (std::ranges::find(inputs, input) == inputs.end()) inputs.push_back(display(input, 20));
  }
  std::string text = fmt::format("{:<10} {} in {} comparisons ({} inputs)", "outputs",
                                 !ok && lossy   ? "changed"
                                 : !ok          ? "DIFFERENT"
                                 : largest == 0 ? "identical"
                                                : "equal",
                                 checks.size(), fmt::join(inputs, ", "));
  if (!ok || largest > 0) {
    text += fmt::format(": cosine {:.8f} or better, at most {:.2e} apart", cosine, largest);
  }
  if (!ok && lossy) {
    text += result.contains("accuracy") ? "; passes are lossy, so accuracy decides"
                                        : "; passes are lossy, and nothing judged the accuracy";
  }
  if (constant > 0) {
    text += fmt::format("; {} of constant outputs, which prove little", constant);
  }
  return wrapped(text, width, 11);
}

}  // namespace

std::string optimize_text(const Json& result, size_t width) {
  const Json& comparison = result.at("comparison");
  std::string verdict;
  if (comparison.is_object()) {
    verdict = fmt::format("{:<10} {} {}, p = {:.3g}\n", "speedup", factor(comparison),
                          display(comparison.at("verdict").as_string(), 20),
                          comparison.at("p_value").as_number(1));
  }
  return setup_text(result) + time_line("baseline", result.at("baseline")) +
         energy_text(result.at("baseline")) + time_line("optimized", result.at("optimized")) +
         energy_text(result.at("optimized")) + verdict +
         prediction_text(result.at("prediction"), width) + numerics_text(result, width) +
         accuracy_text(result.at("accuracy"), width) + "\n" + ledger_table(result.at("ledger")) +
         ledger_notes(result.at("ledger"), width) + quality_notes_text(result, width) + "\n";
}

}  // namespace nitro::cli
