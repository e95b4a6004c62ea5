#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace nitro::trace {

/// Whether a word is a name that is asked for.
using IsName = std::function<bool(std::string_view)>;

/// The names in a layer's name, in order; at each place the longest, which may contain separators.
std::vector<std::string_view> names_in(std::string_view layer, const IsName& is_name,
                                       size_t longest_name);

/// The layer X of "Reformatting CopyNode for Input Tensor 0 to X", also of an output.
std::optional<std::string_view> reformatted_layer(std::string_view layer);

/// Of "{ForeignNode[first...last]}". Names may have dots: where there are several ways, the one in
/// which both are names, or else one of them.
struct ForeignNode {
  std::string_view first;
  std::string_view last;
};
std::optional<ForeignNode> foreign_node(std::string_view layer, const IsName& is_name);

/// `layer` without " [profile 0]".
std::string_view without_profile(std::string_view layer);

}  // namespace nitro::trace
