#include "cli/modalities.h"

#include <algorithm>

#include "base/text.h"

namespace nitro::cli {

Result<std::vector<std::string>> parse_modalities(std::string_view text) {
  std::vector<std::string> result;
  if (text.empty()) return result;
  for (std::string_view word : split(text, ',')) {
    if (word.empty() || std::ranges::find(result, word) != result.end()) {
      return fail_with_hint(
          ErrorCode::kUsage,
          fmt::format("--modalities '{}' has an empty or repeated name", display(text, 80)),
          "for example --modalities rgb,depth");
    }
    result.emplace_back(word);
  }
  return result;
}

}  // namespace nitro::cli
