#include "eval/stored_result.h"

#include "base/text.h"

namespace nitro::eval {
namespace {

Result<std::vector<std::string>> texts(const Json& document, std::string_view key) {
  std::vector<std::string> result;
  for (const Json& item : document.at(key).items()) {
    if (!item.is_string()) return fail(ErrorCode::kBadFile, "{} has an item that is no text", key);
    result.push_back(item.as_string());
  }
  if (result.empty()) return fail(ErrorCode::kBadFile, "{} is missing or empty", key);
  return result;
}

/// `count` integers from `least` to below `bound`.
Result<std::vector<int64_t>> integers(const Json& object, std::string_view key, size_t count,
                                      int64_t least, size_t bound) {
  const auto& items = object.at(key).items();
  if (items.size() != count) {
    return fail(ErrorCode::kBadFile, "{} has {} items for {} scenes", key, items.size(), count);
  }
  std::vector<int64_t> result;
  for (const Json& item : items) {
    const int64_t value = item.as_integer(least - 1);
    if (value < least || value >= static_cast<int64_t>(bound))
      return fail(ErrorCode::kBadFile, "{} has an item out of range", key);
    result.push_back(value);
  }
  return result;
}

}  // namespace

Result<StoredResult> parse_stored_result(const Json& document) {
  if (document.at("schema_version").as_integer() != 1 ||
      document.at("kind").as_string() != "eval") {
    return fail_with_hint(ErrorCode::kBadFile, "it is no result of nitro eval",
                          "pass the JSON file that nitro eval wrote with -o");
  }
  StoredResult result;
  result.classes = TRY(texts(document, "classes"));
  const std::vector<std::string> scenes = TRY(texts(document, "scenes"));
  for (size_t i = 0; i < scenes.size(); ++i) {
    if (!result.scenes.emplace(scenes[i], i).second)
      return fail(ErrorCode::kBadFile, "scene '{}' is there twice", display(scenes[i], 120));
  }
  const size_t classes = result.classes.size();
  const auto labels = TRY(integers(document, "labels", scenes.size(), 0, classes));
  result.labels.assign(labels.begin(), labels.end());
  for (const Json& modality : document.at("modalities").items()) {
    const std::string& name = modality.at("modality").as_string();
    Decisions decisions;
    decisions.decided = TRY(in_context(
        integers(modality, "decided", scenes.size(), kNoDecision, classes), display(name, 60)));
    decisions.rank = TRY(in_context(integers(modality, "rank", scenes.size(), kNoDecision, classes),
                                    display(name, 60)));
    result.modalities.emplace(name, std::move(decisions));
  }
  return result;
}

}  // namespace nitro::eval
