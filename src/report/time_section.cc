#include <fmt/core.h>

#include <cmath>

#include "report/bound.h"
#include "report/document.h"
#include "report/format.h"
#include "report/layer_table.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

std::string bound_filter() {
  std::string html =
      "<select id=\"filter-bound\" aria-label=\"Limit\"><option value=\"\">any limit</option>";
  for (const BoundStyle& bound : kBounds) {
    html += fmt::format("<option value=\"{0}\">{1} {0}</option>", bound.name, bound.glyph);
  }
  return html + "</select>";
}

std::string account(const Json& profile) {
  if (profile.at("layers").size() == 0) return "The layers were not profiled.";
  const double rest = profile.at("overhead_ns").as_number();
  std::string start;
  if (profile.contains("start_ns")) {
    start = fmt::format("{} starts and awaits them; ", duration(profile.at("start_ns")));
  }
  return fmt::format(
      "{} layers take {} of {} end to end; {}{} {}. {} of the layer time is traced to a module.",
      profile.at("layers").size(), duration(profile.at("layers_sum_ns")),
      duration(profile.at("total_ns")), start, duration(std::abs(rest)),
      rest < 0 ? "is what profiling itself added" : "lies outside layers",
      percent(profile.at("attributed_share").as_number()));
}

}  // namespace

std::string time_section(const Json& result) {
  const Json& profile = shown_model(result).at("profile");
  return fmt::format(R"(<section id="time">
<h2>Where the time goes</h2>
<p class="hint" id="account">{}</p>
<div class="needs-script">
<div class="chart-head"><nav id="crumbs" aria-label="Zoomed module"></nav>
<span class="keys">Arrows move, <kbd>Enter</kbd> zooms, <kbd>Esc</kbd> goes back</span></div>
<div id="icicle" class="chart"></div>
<div id="details" class="details" aria-live="polite"></div>
<form class="filters" id="filters"><input id="filter-text" type="search" placeholder="Filter layers by name, module or op"
aria-label="Filter layers">{}<button type="button" id="clear" hidden>Clear selection</button><output id="filter-count"></output></form>
</div>
{}</section>
)",
                     account(profile), bound_filter(), layer_table(profile));
}

}  // namespace nitro::report
