#include "report/sensitivity_map.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "report/format.h"
#include "report/trials.h"

namespace nitro::report {
namespace {

struct Row {
  std::string name;
  std::vector<const Json*> trials;
};

std::vector<Row> rows_of(const Json& search) {
  std::vector<Row> rows;
  for (const Json& trial : search.at("trials").items()) {
    const Json& varied = trial.at("varied");
    const std::string& step = varied.at("step").as_string();
    if (step.empty()) continue;
    const std::string& parameter = varied.at("parameter").as_string();
    const std::string name = parameter.empty() ? step : step + " " + parameter;
    auto row = std::ranges::find(rows, name, &Row::name);
    if (row == rows.end()) row = rows.insert(rows.end(), Row{name, {}});
    row->trials.push_back(&trial);
  }
  return rows;
}

const Json& start_of(const Json& search) {
  static const Json kNone;
  for (const Json& trial : search.at("trials").items()) {
    const Json& varied = trial.at("varied");
    if (varied.is_object() && varied.at("step").as_string().empty()) return trial;
  }
  return kNone;
}

/// How much of the warning colour a loss of points takes, 0..100.
double heat(double points) { return std::clamp(14 * points, 0.0, 70.0); }

std::string cell(const Json& trial, double start_ns) {
  const std::string& value = trial.at("varied").at("value").as_string();
  const std::string label = value.empty() ? "" : "<b>" + text(value, 30) + "</b>";
  if (!trial.at("error").as_string().empty()) {
    return fmt::format("<td class=\"failed\" title=\"{}\">{}<small>cannot be applied</small></td>",
                       text(trial.at("error").as_string(), 200), label);
  }
  const double ns = trial.at("latency_ns").at("value").as_number();
  const std::optional<double> loss = worst_loss(trial);
  const bool cut = !trial.at("stopped").as_string().empty();
  return fmt::format(
      "<td style=\"background:color-mix(in srgb, var(--alert) {:.0f}%, transparent)\" "
      "title=\"{}\">{}<span>{}</span><small>{}{}</small></td>",
      heat(loss.value_or(0)), text(trial.at("stopped").as_string(), 200), label,
      ns > 0 && start_ns > 0 ? speedup(Json(start_ns / ns)) : "–",
      loss ? loss_words(trial) : "not looked at", cut ? ", ended early" : "");
}

}  // namespace

std::string sensitivity_map(const Json& search) {
  const std::vector<Row> rows = rows_of(search);
  if (rows.empty()) return "";
  size_t columns = 1;
  for (const Row& row : rows) columns = std::max(columns, row.trials.size());
  const double start_ns = start_of(search).at("latency_ns").at("value").as_number();
  std::string html;
  for (const Row& row : rows) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", text(row.name, 60));
    for (const Json* trial : row.trials) html += cell(*trial, start_ns);
    if (row.trials.size() < columns)
      html += fmt::format("<td colspan=\"{}\"></td>", columns - row.trials.size());
    html += "</tr>\n";
  }
  return fmt::format(R"(<h3>Each step alone</h3>
<p class="hint">Faster than the start of the search, and what the worst modality lost: the warmer, the more.</p>
<div class="table-frame whole"><table class="heat"><thead><tr><th scope="col">Step</th><th scope="col" colspan="{}">Its strengths</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
                     columns, html);
}

}  // namespace nitro::report
