#include <fmt/core.h>

#include "base/text.h"
#include "report/format.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

constexpr size_t kMaxCommand = 4000;

/// Every line of `block` escaped, line breaks kept.
std::string lines(std::string_view block) {
  std::string html;
  for (std::string_view line : split(block, '\n')) html += text(line, kMaxCommand) + "\n";
  return html;
}

}  // namespace

std::string reproduce_section(const Json& result) {
  std::string commands;
  for (const Json& command : result.at("reproduce").items()) {
    commands += "$ " + text(command.as_string(), kMaxCommand) + "\n";
  }
  const std::string& recipe = result.at("recipe").as_string();
  if (commands.empty() && recipe.empty()) return "";
  std::string html = "<section id=\"reproduce\">\n<h2>Do it again</h2>\n";
  if (!commands.empty())
    html += fmt::format("<pre tabindex=\"0\"><code>{}</code></pre>\n", commands);
  if (!recipe.empty()) {
    html +=
        fmt::format("<h3>Recipe</h3>\n<pre tabindex=\"0\"><code>{}</code></pre>\n", lines(recipe));
  }
  return html + "</section>\n";
}

}  // namespace nitro::report
