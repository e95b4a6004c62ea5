#include <fmt/core.h>

#include "report/format.h"
#include "report/page_roofs.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

std::string value_text(std::string_view key, const Json& value) {
  if (value.is_null()) return "–";
  if (value.is_string()) return text(value.as_string(), 200);
  if (value.is_integer()) {
    return key.ends_with("_bytes") ? binary_bytes(value.as_integer()) : grouped(value.as_integer());
  }
  if (value.is_array()) {
    std::string list;
    for (const Json& item : value.items())
      list += (list.empty() ? "" : ", ") + value_text("", item);
    return list.size() > 2000 ? text(value.dump(), 400) : list;
  }
  return text(value.dump(), 400);
}

std::string entry(std::string_view key, std::string_view html_value) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", text(key, 60), html_value);
}

/// The members of an object, inner objects opened.
std::string members(const Json& object) {
  std::string html;
  for (const auto& [key, value] : object.members()) {
    html += value.is_object() ? members(value) : entry(key, value_text(key, value));
  }
  return html;
}

std::string tensors(const Json& values) {
  std::string html;
  for (const Json& value : values.items()) {
    std::string shape;
    for (const Json& dim : value.at("shape").items()) {
      shape += (shape.empty() ? "" : "×") + std::to_string(dim.as_integer());
    }
    html += fmt::format("{}{} {} {}", html.empty() ? "" : "<br>",
                        text(value.at("name").as_string(), 60),
                        text(value.at("dtype").as_string(), 10), shape);
  }
  return html;
}

std::string group(std::string_view title, std::string_view entries) {
  return fmt::format("<div class=\"group\"><h3>{}</h3><dl>\n{}</dl></div>\n", title, entries);
}

std::string model_entries(const Json& model) {
  return entry("name", text(model.at("name").as_string())) +
         entry("source", text(model.at("source").as_string())) +
         entry("sha256", fmt::format("<code>{}</code>", text(model.at("sha256").as_string(), 64))) +
         entry("parameters", grouped(model.at("parameters").as_integer())) +
         entry("nodes", grouped(model.at("nodes").as_integer())) +
         entry("inputs", tensors(model.at("inputs"))) +
         entry("outputs", tensors(model.at("outputs"))) +
         entry("opset", grouped(model.at("opset").as_integer()));
}

std::string roof_entries(const Json& roofs) {
  std::string html;
  for (const auto& [key, value] : roofs.members()) {
    if (!value.is_number()) continue;
    html += entry(key, key.ends_with("_ns")            ? duration(value)
                       : key.ends_with("_bytes_per_s") ? quantity(value, "B/s")
                       : key.ends_with("_flops")       ? quantity(value, "FLOP/s")
                       : key == "int8_ops"             ? quantity(value, "OP/s")
                                                       : value_text(key, value));
  }
  return html;
}

}  // namespace

std::string environment_section(const Json& result) {
  const std::string nitro = entry("version", text(result.at("nitro_version").as_string(), 40)) +
                            entry("created", text(result.at("created").as_string(), 40));
  return "<section id=\"environment\">\n<h2>Measured on</h2>\n<div class=\"groups\">\n" +
         group("Machine", members(result.at("environment"))) +
         group("Runner", members(result.at("runner"))) +
         group("Model", model_entries(result.at("model"))) +
         group("Workload", members(result.at("workload"))) +
         (result.at("roofs").is_object() ? group("Roofs", roof_entries(result.at("roofs"))) : "") +
         (gpu_roofs(result).is_object() ? group("Roofs of the GPU", roof_entries(gpu_roofs(result)))
                                        : "") +
         group("Nitro", nitro) + "</div>\n</section>\n";
}

}  // namespace nitro::report
