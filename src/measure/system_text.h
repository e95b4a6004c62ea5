#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace nitro::measure {

/// The text of a file under /proc or /sys, whose size the system states as 0: at most 4 MiB of it,
/// without white space at either end. Nothing where it cannot be read.
std::optional<std::string> system_text(const std::filesystem::path& path);

/// The value of the first line "key : value" (or "key: value", "key=value" for separator '=') of
/// `text`;
/// "" where there is none. Quotes around the value are taken off.
std::string_view line_value(std::string_view text, std::string_view key, char separator = ':');

}  // namespace nitro::measure
