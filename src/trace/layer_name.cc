#include "trace/layer_name.h"

#include <algorithm>
#include <array>

namespace nitro::trace {
namespace {

/// What may stand after a name.
constexpr std::array<std::string_view, 6> kAfter = {" + ", " || ", ", ", ")", " copy", "]"};

bool ends_at(std::string_view layer, size_t place) {
  return place == layer.size() || std::ranges::any_of(kAfter, [&](std::string_view after) {
           return layer.substr(place).starts_with(after);
         });
}

/// The length of the longest name at `begin`, or 0.
size_t name_length(std::string_view layer, size_t begin, const IsName& is_name, size_t longest) {
  for (size_t end = std::min(layer.size(), begin + longest); end > begin; --end) {
    if (ends_at(layer, end) && is_name(layer.substr(begin, end - begin))) return end - begin;
  }
  return 0;
}

}  // namespace

std::vector<std::string_view> names_in(std::string_view layer, const IsName& is_name,
                                       size_t longest_name) {
  constexpr std::string_view kOpen = "PWN(";
  std::vector<std::string_view> names;
  size_t place = 0;
  while (place < layer.size()) {
    if (const size_t length = name_length(layer, place, is_name, longest_name)) {
      names.push_back(layer.substr(place, length));
      place += length;
    } else if (layer.substr(place).starts_with(kOpen)) {
      place += kOpen.size();
      continue;
    }
    while (!ends_at(layer, place)) ++place;
    // The separator, of which several may follow each other: ")), ".
    while (place < layer.size() && ends_at(layer, place)) {
      const auto after = std::ranges::find_if(kAfter, [&](std::string_view separator) {
        return layer.substr(place).starts_with(separator);
      });
      place += after->size();
    }
  }
  return names;
}

std::optional<std::string_view> reformatted_layer(std::string_view layer) {
  constexpr std::string_view kReformatting = "Reformatting CopyNode for ";
  constexpr std::string_view kTo = " to ";
  if (!layer.starts_with(kReformatting)) return {};
  const size_t to = layer.find(kTo);
  if (to == std::string_view::npos) return {};
  return layer.substr(to + kTo.size());
}

std::optional<ForeignNode> foreign_node(std::string_view layer, const IsName& is_name) {
  constexpr std::string_view kOpen = "{ForeignNode[";
  constexpr std::string_view kClose = "]}";
  constexpr std::string_view kDots = "...";
  if (!layer.starts_with(kOpen) || !layer.ends_with(kClose)) return {};
  layer = layer.substr(kOpen.size(), layer.size() - kOpen.size() - kClose.size());
  ForeignNode best{layer, layer};  // a region of one node has no dots
  int best_known = is_name(layer) ? 2 : -1;
  for (size_t dots = layer.find(kDots); dots != std::string_view::npos;
       dots = layer.find(kDots, dots + 1)) {
    const ForeignNode node{layer.substr(0, dots), layer.substr(dots + kDots.size())};
    const int known = static_cast<int>(is_name(node.first)) + static_cast<int>(is_name(node.last));
    if (known > best_known) {
      best = node;
      best_known = known;
    }
  }
  return best;
}

std::string_view without_profile(std::string_view layer) {
  const size_t mark = layer.rfind(" [profile ");
  return mark != std::string_view::npos && layer.ends_with(']') ? layer.substr(0, mark) : layer;
}

}  // namespace nitro::trace
