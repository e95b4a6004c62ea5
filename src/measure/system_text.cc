#include "measure/system_text.h"

#include <fstream>

#include "base/text.h"

namespace nitro::measure {
namespace {

constexpr size_t kMaxBytes = size_t{4} << 20;

std::string_view trim(std::string_view text, std::string_view what) {
  const size_t begin = text.find_first_not_of(what);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(what) - begin + 1);
}

}  // namespace

std::optional<std::string> system_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(kMaxBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<size_t>(file.gcount()));
  // Strings of a device tree end with a zero.
  return std::string(trim(text, std::string_view(" \t\r\n\0", 5)));
}

std::string_view line_value(std::string_view text, std::string_view key, char separator) {
  for (std::string_view line : split(text, '\n')) {
    const size_t end = line.find(separator);
    if (end == std::string_view::npos || trim(line.substr(0, end), " \t") != key) continue;
    return trim(line.substr(end + 1), " \t\r\"");
  }
  return {};
}

}  // namespace nitro::measure
