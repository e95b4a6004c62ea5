#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace nitro::runner {

// Small files of /proc and /sys: nothing where they are missing or cannot be read.

/// The content up to the first line feed or zero, without blanks at its ends.
std::optional<std::string> board_text(const std::filesystem::path& file);
/// The integer that it begins with.
std::optional<int64_t> board_number(const std::filesystem::path& file);
/// The folders in `folder` whose names begin like this, sorted.
std::vector<std::filesystem::path> board_folders(const std::filesystem::path& folder,
                                                 const std::string& beginning);

}  // namespace nitro::runner
