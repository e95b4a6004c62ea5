#include "report/report.h"

#include <fmt/core.h>

#include "report/assets.h"
#include "report/content_security.h"
#include "report/document.h"
#include "report/format.h"
#include "report/page_data.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

constexpr std::string_view kToolbar = R"(<header class="bar">
<a class="brand" href="#verdict">Nitro</a>
<nav aria-label="Sections">{}</nav>
<div class="tools needs-script">
<div class="switch" id="profile-switch" role="group" aria-label="Profile shown" hidden>
<button type="button" data-profile="baseline">Baseline</button><button type="button" data-profile="optimized">Optimised</button>
</div>
<button type="button" id="theme" aria-label="Switch between light and dark">◐</button>
</div>
</header>
)";

struct Section {
  std::string_view id;
  std::string_view label;
  std::string html;
};

std::vector<Section> sections(const Json& result) {
  std::vector<Section> list = {
      {"verdict", "", verdict_section(result)},
      {"prediction", "Predicted", prediction_section(result)},
      {"accuracy", "Accuracy", accuracy_section(result)},
      {"search", "Search", search_section(result)},
      {"time", "Time", time_section(result)},
      {"roofline-section", "Roofs", roofline_section(result)},
      {"clocks", "Clocks", clock_section(result)},
      {"ledger", "Passes", ledger_section(result)},
      {"samples", "Samples", distribution_section(result)},
      {"numerics", "Numerics", numerics_section(result)},
      {"quality", "Notes", quality_notes_section(result)},
      {"environment", "Machine", environment_section(result)},
      {"reproduce", "Reproduce", reproduce_section(result)},
  };
  std::erase_if(list, [](const Section& section) { return section.html.empty(); });
  return list;
}

std::string head(const Json& result, std::string_view page_script) {
  return fmt::format(R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{} – Nitro report</title>
<style>
{}</style>
</head>
)",
                     content_security_policy(page_script),
                     text(result.at("model").at("name").as_string(), 60), style_sheet());
}

}  // namespace

Result<std::string> render(const Json& result) {
  TRY(check_document(result));
  const std::string page_script = script();
  std::string links;
  std::string body;
  for (const Section& section : sections(result)) {
    if (!section.label.empty())
      links += fmt::format("<a href=\"#{}\">{}</a>", section.id, section.label);
    body += section.html;
  }
  return head(result, page_script) + "<body>\n" + fmt::format(kToolbar, links) + "<main>\n" + body +
         "</main>\n" + "<script type=\"application/json\" id=\"data\">" +
         script_safe(page_data(result).dump()) + "</script>\n" + "<script>" + page_script +
         "</script>\n</body>\n</html>\n";
}

}  // namespace nitro::report
