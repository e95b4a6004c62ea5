#pragma once

#include <string>
#include <string_view>

namespace nitro::cli {

/// `text` broken at blanks into lines of at most `width` cells (a longer word has a line of its
/// own), each ended by a line feed, all but the first indented by `indent` blanks.
std::string wrapped(std::string_view text, size_t width, size_t indent);

}  // namespace nitro::cli
