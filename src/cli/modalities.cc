#include "cli/modalities.h"

#include <algorithm>

#include "base/text.h"

namespace nitro::cli {
namespace {

Result<std::vector<std::string>> parse_names(std::string_view text, std::string_view option,
                                             std::string_view example) {
  std::vector<std::string> result;
  if (text.empty()) return result;
  for (std::string_view word : split(text, ',')) {
    if (word.empty() || std::ranges::find(result, word) != result.end()) {
      return fail_with_hint(
          ErrorCode::kUsage,
          fmt::format("{} '{}' has an empty or repeated name", option, display(text, 80)),
          fmt::format("for example {} {}", option, example));
    }
    result.emplace_back(word);
  }
  return result;
}

}  // namespace

Result<std::vector<std::string>> parse_modalities(std::string_view text) {
  return parse_names(text, "--modalities", "rgb,depth");
}

Result<std::vector<std::string>> parse_grey(std::string_view text,
                                            const std::vector<std::string>& modalities) {
  std::vector<std::string> grey = TRY(parse_names(text, "--grey", "depth"));
  for (const std::string& name : grey) {
    if (modalities.size() > 1 && std::ranges::find(modalities, name) != modalities.end()) continue;
    return fail_with_hint(
        ErrorCode::kUsage,
        fmt::format("--grey names '{}', which is none of several modalities", display(name, 80)),
        "for example --modalities rgb,depth --grey depth");
  }
  return grey;
}

}  // namespace nitro::cli
