#include "runner/board_files.h"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace nitro::runner {

std::optional<std::string> board_text(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  if (!std::getline(stream, line)) return std::nullopt;
  line.resize(std::min(line.size(), line.find('\0')));
  const size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string::npos) return std::nullopt;
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

std::optional<int64_t> board_number(const std::filesystem::path& file) {
  const std::optional<std::string> text = board_text(file);
  if (!text) return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

std::vector<std::filesystem::path> board_folders(const std::filesystem::path& folder,
                                                 const std::string& beginning) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().native().starts_with(beginning) && entry->is_directory(error))
      found.push_back(entry->path());
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace nitro::runner
