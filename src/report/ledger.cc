#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "report/format.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

/// Part of a bar's full width, as a CSS percentage.
std::string width(double part, double whole) {
  return fmt::format("{:.2f}%", whole > 0 ? std::clamp(100 * part / whole, 0.0, 100.0) : 0.0);
}

/// A bar that ends at `after_ns`, with the step from `before_ns` marked.
std::string bar(double before_ns, double after_ns, double full_ns, std::string_view kind) {
  const double low = std::min(before_ns, after_ns);
  return fmt::format(
      R"(<div class="fall"><i class="rest" style="width:{}"></i><i class="step {}" style="left:{};width:{}"></i></div>)",
      width(low, full_ns), kind, width(low, full_ns),
      width(std::abs(before_ns - after_ns), full_ns));
}

std::string total_row(std::string_view label, const Json& summary, double full_ns) {
  const double time = summary.at("median_ns").as_number();
  return fmt::format(
      "<tr class=\"total\"><th scope=\"row\">{}</th><td "
      "class=\"falls\">{}</td><td>{}</td><td>{}</td><td></td><td></td></tr>\n",
      label, bar(time, time, full_ns, ""), duration(time),
      interval(summary.at("low_ns"), summary.at("high_ns")));
}

std::string signed_duration(double nanoseconds) {
  return (nanoseconds < 0 ? "−" : "+") + duration(std::abs(nanoseconds));
}

std::string status(const Json& entry) {
  if (!entry.at("changed").as_bool()) return "nothing to do";
  return entry.at("kept").as_bool() ? "kept" : "rejected";
}

std::string effect(const Json& entry) {
  const Json& measured = entry.at("measured");
  if (!entry.at("changed").as_bool()) return "";
  if (!measured.is_object()) return "not measured alone";
  const std::string& verdict = measured.at("verdict").as_string();
  return fmt::format("{} <small>[{}, {}] {}</small>", speedup(measured.at("speedup")),
                     speedup(measured.at("low")), speedup(measured.at("high")), text(verdict, 20));
}

std::string pass_row(const Json& entry, double before_ns, double after_ns, double full_ns) {
  const bool kept = entry.at("kept").as_bool();
  const std::string_view kind = !kept ? "rejected" : after_ns > before_ns ? "loss" : "gain";
  const Json& predicted = entry.at("predicted_gain_ns");
  return fmt::format(
      "<tr class=\"{}\"><th scope=\"row\">{}<small>{}</small></th><td "
      "class=\"falls\">{}</td><td>{}</td><td>{}</td>"
      "<td>{}</td><td>{}<small>{} {}</small></td></tr>\n",
      kept ? "kept" : "left-out", text(entry.at("pass").as_string(), 60),
      (entry.at("kind").as_string() == "lossy" ? "lossy. " : "") +
          text(entry.at("note").as_string(), 200),
      bar(before_ns, after_ns, full_ns, kind),
      entry.at("measured").is_object() ? signed_duration(after_ns - before_ns) : "", effect(entry),
      duration(predicted), status(entry), grouped(entry.at("nodes_touched").as_integer()),
      entry.at("nodes_touched").as_integer() == 1 ? "node" : "nodes");
}

/// What the passes measured one by one leave unexplained of the whole.
std::string remainder(double product_ns, const Json& result) {
  const double baseline = result.at("baseline").at("summary").at("median_ns").as_number();
  const double optimized = result.at("optimized").at("summary").at("median_ns").as_number();
  if (product_ns <= 0 || optimized <= 0 || std::abs(product_ns / optimized - 1) < 0.01) return "";
  return fmt::format(
      "<p class=\"hint\">The kept passes, measured one by one, multiply to {}; measured together "
      "they give {}.</p>\n",
      speedup(baseline / product_ns), speedup(baseline / optimized));
}

}  // namespace

std::string ledger_section(const Json& result) {
  if (result.at("ledger").size() == 0) return "";
  const Json& baseline = result.at("baseline").at("summary");
  double time = baseline.at("median_ns").as_number();
  const double full =
      std::max(time, result.at("optimized").at("summary").at("median_ns").as_number()) * 1.02;
  std::string rows = total_row("Baseline", baseline, full);
  for (const Json& entry : result.at("ledger").items()) {
    const double factor = entry.at("measured").at("speedup").as_number(1);
    const double after = factor > 0 ? time / factor : time;
    rows += pass_row(entry, time, after, full);
    if (entry.at("kept").as_bool()) time = after;
  }
  std::string rest;
  if (result.contains("optimized")) {
    rows += total_row("Optimised", result.at("optimized").at("summary"), full);
    rest = remainder(time, result);
  }
  return fmt::format(R"(<section id="ledger">
<h2>What each pass brought</h2>
<p class="hint">From the baseline down to the result, in the order applied. A pass that does not pay is not kept.</p>
<div class="table-frame whole"><table class="ledger">
<thead><tr><th scope="col">Pass</th><th scope="col">Time per frame</th><th scope="col">Change</th>
<th scope="col">Measured</th><th scope="col">Predicted gain</th><th scope="col">Outcome</th></tr></thead>
<tbody>
{}</tbody></table></div>
{}</section>
)",
                     rows, rest);
}

}  // namespace nitro::report
