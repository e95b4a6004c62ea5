#include <fmt/core.h>

#include "report/format.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

struct Severity {
  std::string_view name;
  std::string_view label;
};

Severity severity(std::string_view word) {
  if (word == "error") return {"error", "✗ error"};
  if (word == "warning") return {"warning", "! warning"};
  return {"info", "i note"};
}

std::string item(const Json& note) {
  const Severity level = severity(note.at("severity").as_string());
  const Json& detail = note.at("detail");
  const std::string shown = detail.is_string() ? detail.as_string()
                            : detail.is_null() ? ""
                                               : detail.dump();
  return fmt::format(
      "<li class=\"{}\"><span class=\"severity\">{}</span><div><p>{}</p><p class=\"remedy\">{}</p>"
      "<small><code>{}</code> {}</small></div></li>\n",
      level.name, level.label, text(note.at("message").as_string(), 300),
      text(note.at("remedy").as_string(), 300), text(note.at("code").as_string(), 60),
      text(shown, 300));
}

}  // namespace

std::string quality_notes_section(const Json& result) {
  std::string html = "<section id=\"quality\">\n<h2>What to keep in mind</h2>\n";
  if (result.at("quality_notes").size() == 0) {
    return html +
           "<p class=\"hint\">Nothing was seen that makes these numbers worth "
           "less.</p>\n</section>\n";
  }
  html += "<ul class=\"notes\">\n";
  for (const Json& note : result.at("quality_notes").items()) html += item(note);
  return html + "</ul>\n</section>\n";
}

}  // namespace nitro::report
