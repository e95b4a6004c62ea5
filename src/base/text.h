#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nitro {

/// `text` with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);

/// `text` made safe for a terminal: valid UTF-8, with control characters, C1 and bidirectional
/// controls shown escaped (\x1b, \u202e). Never longer than `max_cells`: cut in the middle.
std::string display(std::string_view text, size_t max_cells = 200);

/// Columns that `text` takes on a terminal, one per code point.
size_t cell_width(std::string_view text);

/// `text` with `&<>"'` as HTML entities.
std::string escape_html(std::string_view text);

/// `text` split at each `separator`; empty pieces are kept.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The whole of `text` as a decimal int64. Returns false on anything else.
bool parse_integer(std::string_view text, int64_t& value);

/// The whole of `text` as a double, in the C locale. Returns false on anything else.
bool parse_number(std::string_view text, double& value);

/// The candidate closest to `word` by edit distance, or "" where none is close.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace nitro
