#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "cli/console.h"

namespace nitro::cli {

/// Writes `content` to `path`, "-" being stdout. A file that is there already is replaced only
/// where Nitro made it, or with `force`.
Result<void> write_output(Console& console, const std::filesystem::path& path,
                          std::string_view content, bool force);
/// The same with the content in consecutive pieces.
Result<void> write_output(Console& console, const std::filesystem::path& path,
                          std::span<const std::string_view> pieces, bool force);

/// Fails with kUsage where `path` is a file that Nitro did not make. "" and "-" are no files.
Result<void> check_replaceable(const std::filesystem::path& path, bool force);

/// Whether `content` begins as what Nitro writes: ONNX, a plan, a result, a recipe, a report.
bool made_by_nitro(std::string_view content);

}  // namespace nitro::cli
