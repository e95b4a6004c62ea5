#include "report/bound.h"

#include <fmt/core.h>

#include <algorithm>

namespace nitro::report {

const BoundStyle& bound_style(std::string_view bound) {
  const auto found = std::ranges::find(kBounds, bound, &BoundStyle::name);
  return found == kBounds.end() ? kBounds.back() : *found;
}

std::string bound_chip(std::string_view bound) {
  const BoundStyle& style = bound_style(bound);
  return fmt::format(R"(<span class="chip {0}"><i aria-hidden="true">{1}</i>{0}</span>)",
                     style.name, style.glyph);
}

std::array<double, kBounds.size()> time_by_bound(const Json& profile) {
  std::array<double, kBounds.size()> times{};
  for (const Json& layer : profile.at("layers").items()) {
    const auto index = &bound_style(layer.at("bound").as_string()) - kBounds.data();
    times[static_cast<size_t>(index)] += layer.at("time_ns").as_number();
  }
  return times;
}

}  // namespace nitro::report
