#include "cli/search_text.h"

#include <algorithm>

#include "base/text.h"
#include "cli/table.h"
#include "cli/wrapped.h"

namespace nitro::cli {
namespace {

std::string signed_points(double share) { return fmt::format("{:+.1f} pt", 100 * share); }

/// "rgb 61.0 % (-0.5 pt) · depth ..."
std::string quality_text(const Json& modalities) {
  std::string text;
  for (const Json& each : modalities.items()) {
    text += (text.empty() ? "" : " · ") + display(each.at("modality").as_string(), 30);
    if (each.contains("accuracy"))
      text += fmt::format(" {:.1f} %", 100 * each.at("accuracy").at("value").as_number());
    if (each.contains("drop"))
      text += fmt::format(" ({})", signed_points(-each.at("drop").at("value").as_number()));
    if (each.contains("cosine"))
      text += fmt::format(" cosine {:.4f}", each.at("cosine").at("value").as_number());
  }
  return text;
}

const Json& trial_of(const Json& search, int64_t number) {
  static const Json kNone;
  for (const Json& trial : search.at("trials").items())
    if (trial.at("number").as_integer(-1) == number) return trial;
  return kNone;
}

std::string factor(const Json& measured) {
  if (!measured.is_object()) return "";
  return fmt::format("{:.3f}x [{:.3f}, {:.3f}]", measured.at("speedup").as_number(),
                     measured.at("low").as_number(), measured.at("high").as_number());
}

std::string cost_text(const Json& cost) {
  std::string text;
  for (const auto& [modality, loss] : cost.members()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : " · ", display(modality, 30),
                        signed_points(-loss.as_number()));
  }
  return text;
}

/// "ray://host:10001: trials 20 by vm/ab12cd, 19 by vm/12ab34 (lost); attempts repeated: 1"
std::string fleet_text(const Json& fleet, size_t width) {
  if (!fleet.is_object()) return "";
  std::string devices;
  for (const Json& device : fleet.at("devices").items()) {
    devices +=
        fmt::format("{}{} by {}{}", devices.empty() ? "trials " : ", ",
                    device.at("trials").as_integer(), display(device.at("name").as_string(), 60),
                    device.at("lost").as_string().empty() ? "" : " (lost)");
  }
  return wrapped(fmt::format("{:<10} {}: {}; attempts repeated: {}", "fleet",
                             display(fleet.at("address").as_string(), 80), devices,
                             fleet.at("retries").as_integer()),
                 width, 11);
}

std::string ledger_text(const Json& search) {
  Table table({{"REWRITE", Align::kLeft, true}, {"BOUGHT"}, {"COST"}});
  for (const Json& entry : search.at("ledger").items()) {
    const std::string& note = entry.at("note").as_string();
    table.add({entry.at("description").as_string(),
               note.empty() ? factor(entry.at("measured")) : note, cost_text(entry.at("cost"))});
  }
  return search.at("ledger").size() == 0 ? "" : "\n" + table.text();
}

std::string dropped_text(const Json& search, size_t width) {
  std::string text;
  for (const Json& entry : search.at("dropped").items()) {
    text += wrapped(
        fmt::format("{:<10} {} (tried {} times): {}", text.empty() ? "dropped" : "",
                    display(entry.at("step").as_string(), 60), entry.at("trials").as_integer(),
                    display(entry.at("why").as_string(), 300)),
        width, 11);
  }
  return text;
}

}  // namespace

std::string search_text(const Json& search, size_t width) {
  const auto& trials = search.at("trials").items();
  const auto count = [&](auto condition) { return std::ranges::count_if(trials, condition); };
  std::string text = wrapped(
      fmt::format("{:<10} {} trials in {:.0f} s: {} stopped early, {} failed, {} keep the limits; "
                  "{} on the Pareto front; the search itself took {:.1f} %",
                  "search", trials.size(), search.at("seconds").as_number(),
                  count([](const Json& t) { return !t.at("stopped").as_string().empty(); }),
                  count([](const Json& t) { return !t.at("error").as_string().empty(); }),
                  count([](const Json& t) { return t.at("keeps_limits").as_bool(); }),
                  search.at("front").size(), 100 * search.at("overhead").as_number()),
      width, 11);
  text += fleet_text(search.at("fleet"), width);
  if (!search.contains("winner")) return text;
  const Json& winner = trial_of(search, search.at("winner").as_integer());
  text += wrapped(fmt::format("{:<10} trial {}: {}", "winner", search.at("winner").as_integer(),
                              display(winner.at("description").as_string(), 500)),
                  width, 11);
  text += wrapped(fmt::format("{:<10} {}", "chosen by", quality_text(winner.at("modalities"))),
                  width, 11);
  return text + ledger_text(search) + "\n" + dropped_text(search, width);
}

}  // namespace nitro::cli
