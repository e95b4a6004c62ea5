#include "report/layer_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "report/bound.h"
#include "report/format.h"

namespace nitro::report {
namespace {

// More rows make a page that no browser scrolls well; the rest is in the JSON document.
constexpr size_t kMaxRows = 2000;

std::string row(const Json& layer, double total_ns, double longest_ns) {
  const double time = layer.at("time_ns").as_number();
  const double share = total_ns > 0 ? time / total_ns : 0;
  return fmt::format(
      "<tr><th scope=\"row\"><span>{}</span><small>{}</small></th><td>{}</td>"
      "<td class=\"share\">{}<i style=\"width:{:.2f}%\"></i></td>"
      "<td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
      "<td>{}</td><td class=\"evidence\">{}</td></tr>\n",
      text(layer.at("name").as_string()), text(layer.at("op").as_string(), 60), duration(time),
      percent(share), longest_ns > 0 ? 100 * time / longest_ns : 0.0,
      quantity(layer.at("flops"), "FLOP"), quantity(layer.at("bytes"), "B"),
      layer.at("intensity").is_number() ? significant(layer.at("intensity").as_number(), 3) : "–",
      quantity(layer.at("achieved_flops"), "FLOP/s"), bound_chip(layer.at("bound").as_string()),
      text(layer.at("evidence").as_string(), 240));
}

}  // namespace

std::string layer_table(const Json& profile) {
  std::vector<const Json*> layers;
  for (const Json& layer : profile.at("layers").items()) layers.push_back(&layer);
  std::ranges::stable_sort(layers, std::ranges::greater(),
                           [](const Json* layer) { return layer->at("time_ns").as_number(); });
  std::string html = R"(<div class="table-frame"><table id="layers">
<caption class="visually-hidden">Layers, longest first</caption>
<thead><tr><th scope="col" data-sort="name">Layer</th><th scope="col" data-sort="time_ns">Time</th>
<th scope="col" data-sort="share">Share</th><th scope="col" data-sort="flops">Work</th>
<th scope="col" data-sort="bytes">Traffic</th><th scope="col" data-sort="intensity">FLOP/B</th>
<th scope="col" data-sort="achieved_flops">Reached</th><th scope="col" data-sort="bound">Limit</th>
<th scope="col">Evidence</th></tr></thead>
<tbody>
)";
  const double longest = layers.empty() ? 0 : layers.front()->at("time_ns").as_number();
  for (size_t i = 0; i < std::min(layers.size(), kMaxRows); ++i) {
    html += row(*layers[i], profile.at("total_ns").as_number(), longest);
  }
  html += "</tbody></table></div>\n";
  if (layers.size() > kMaxRows) {
    html += fmt::format("<p class=\"hint\">The {} longest of {} layers.</p>\n", kMaxRows,
                        layers.size());
  }
  return html;
}

}  // namespace nitro::report
