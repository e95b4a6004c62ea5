#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"

namespace nitro::runner {

// Small files of /sys that a user may be allowed to read or write, or by sudo without a password
// only. They are tried directly first.

/// The first line, without blanks at its ends; by `sudo -n cat FILE` where it cannot be read.
/// Nothing where neither does.
std::optional<std::string> privileged_text(const std::filesystem::path& file);
/// The integer that it begins with.
std::optional<int64_t> privileged_number(const std::filesystem::path& file);

/// Whether write_privileged() would be let. By sudo nothing is written, which to a file of /sys is
/// no change: `sudo -l` would also name what it asks a password for.
bool may_write(const std::filesystem::path& file);

/// Writes a line; by `sudo -n tee FILE` where it cannot. kEnvironment where neither does.
Result<void> write_privileged(const std::filesystem::path& file, const std::string& line);

}  // namespace nitro::runner
