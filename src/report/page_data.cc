#include "report/page_data.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/text.h"
#include "report/bound.h"
#include "report/document.h"
#include "report/page_roofs.h"

namespace nitro::report {
namespace {

constexpr size_t kMaxName = 160;
constexpr size_t kMaxEvidence = 240;
constexpr size_t kMaxOrigins = 6;

Json name_of(const Json& value, size_t max_cells = kMaxName) {
  return Json(display(value.as_string(), max_cells));
}

Json number_or_null(const Json& value) { return value.is_number() ? value : Json(); }

Json origins(const Json& layer) {
  const Json::Array& all = layer.at("origins").items();
  Json list = Json::array();
  for (size_t i = 0; i < std::min(all.size(), kMaxOrigins); ++i)
    list.push_back(name_of(all[i], 100));
  if (all.size() > kMaxOrigins)
    list.push_back("and " + std::to_string(all.size() - kMaxOrigins) + " more");
  return list;
}

/// One array per field, in the order of `items`.
template <class Read>
Json column(const Json& items, Read read) {
  Json::Array values;
  values.reserve(items.size());
  for (const Json& item : items.items()) values.push_back(read(item));
  return Json(std::move(values));
}

Json numbers(const Json& items, std::string_view key) {
  return column(items, [&](const Json& item) { return number_or_null(item.at(key)); });
}

Json layer_columns(const Json& layers, const Json& modules) {
  std::unordered_map<std::string_view, int64_t> index_of;
  for (const Json& module : modules.items()) {
    index_of.emplace(module.at("path").as_string(), static_cast<int64_t>(index_of.size()));
  }
  Json columns;
  columns["name"] = column(layers, [](const Json& layer) { return name_of(layer.at("name")); });
  columns["op"] = column(layers, [](const Json& layer) { return name_of(layer.at("op"), 60); });
  // A layer of an unknown module hangs under the root.
  columns["module"] = column(layers, [&](const Json& layer) {
    const auto found = index_of.find(layer.at("module").as_string());
    return Json(found == index_of.end() ? int64_t{0} : found->second);
  });
  columns["origins"] = column(layers, origins);
  columns["evidence"] =
      column(layers, [](const Json& layer) { return name_of(layer.at("evidence"), kMaxEvidence); });
  columns["bound"] = column(layers, [](const Json& layer) {
    return Json(&bound_style(layer.at("bound").as_string()) - kBounds.data());
  });
  for (std::string_view key :
       {"time_ns", "low_ns", "high_ns", "flops", "bytes", "intensity", "achieved_flops"}) {
    columns[key] = numbers(layers, key);
  }
  return columns;
}

Json profile_data(const Json& profile) {
  const Json& modules = profile.at("modules");
  Json data;
  data["total_ns"] = number_or_null(profile.at("total_ns"));
  data["layers_sum_ns"] = number_or_null(profile.at("layers_sum_ns"));
  if (profile.contains("start_ns")) data["start_ns"] = number_or_null(profile.at("start_ns"));
  data["overhead_ns"] = number_or_null(profile.at("overhead_ns"));
  data["attributed_share"] = number_or_null(profile.at("attributed_share"));
  data["layers"] = layer_columns(profile.at("layers"), modules);
  data["modules"]["path"] =
      column(modules, [](const Json& module) { return name_of(module.at("path")); });
  for (std::string_view key : {"parent", "time_ns", "flops", "bytes"})
    data["modules"][key] = numbers(modules, key);
  return data;
}

}  // namespace

Json page_data(const Json& result) {
  Json data;
  data["model"] = name_of(result.at("model").at("name"), 60);
  data["shown"] = shown_key(result);
  data["roofs"] = page_roofs(result);
  for (const BoundStyle& bound : kBounds) {
    Json style;
    style["name"] = bound.name;
    style["glyph"] = bound.glyph;
    data["bounds"].push_back(std::move(style));
  }
  data["profiles"]["baseline"] = profile_data(result.at("baseline").at("profile"));
  if (result.contains("optimized")) {
    data["profiles"]["optimized"] = profile_data(result.at("optimized").at("profile"));
  }
  return data;
}

std::string script_safe(std::string_view json) {
  std::string safe;
  safe.reserve(json.size() + json.size() / 16);
  for (size_t i = 0; i < json.size(); ++i) {
    const std::string_view rest = json.substr(i, 3);
    if (json[i] == '<') {
      safe += "\\u003c";
    } else if (json[i] == '>') {
      safe += "\\u003e";
    } else if (json[i] == '&') {
      safe += "\\u0026";
    } else if (rest == "\u2028" || rest == "\u2029") {
      safe += rest == "\u2028" ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      safe += json[i];
    }
  }
  return safe;
}

}  // namespace nitro::report
