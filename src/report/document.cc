#include "report/document.h"

#include <algorithm>

namespace nitro::report {
namespace {

Result<void> check_modules(const Json& modules, std::string_view side) {
  int64_t index = 0;
  for (const Json& module : modules.items()) {
    const int64_t parent = module.at("parent").as_integer(-2);
    if (parent < -1 || parent >= index) {
      return fail(ErrorCode::kBadFile, "{}.profile.modules[{}].parent is no earlier module", side,
                  index);
    }
    ++index;
  }
  return {};
}

Result<void> check_side(const Json& result, std::string_view side) {
  const Json& profile = result.at(side).at("profile");
  for (std::string_view list : {"layers", "modules"}) {
    if (!profile.at(list).is_array()) {
      return fail(ErrorCode::kBadFile, "{}.profile.{} is no list", side, list);
    }
    size_t index = 0;
    for (const Json& item : profile.at(list).items()) {
      if (!item.is_object()) {
        return fail(ErrorCode::kBadFile, "{}.profile.{}[{}] is no object", side, list, index);
      }
      ++index;
    }
  }
  return check_modules(profile.at("modules"), side);
}

}  // namespace

Result<void> check_document(const Json& result) {
  const int64_t version = result.at("schema_version").as_integer(-1);
  if (version != 1) {
    return std::unexpected(Error{ErrorCode::kBadFile,
                                 "not a result of Nitro with schema_version 1",
                                 {},
                                 "pass the JSON file that nitro optimize or nitro profile wrote"});
  }
  const std::string& kind = result.at("kind").as_string();
  if (kind != "optimize" && kind != "profile") {
    return fail(ErrorCode::kBadFile, "kind is neither optimize nor profile");
  }
  TRY(check_side(result, "baseline"));
  if (result.contains("optimized")) TRY(check_side(result, "optimized"));
  return {};
}

bool is_lossy(const Json& result) {
  return std::ranges::any_of(result.at("ledger").items(), [](const Json& entry) {
    return entry.at("kept").as_bool() && entry.at("kind").as_string() == "lossy";
  });
}

std::string_view shown_key(const Json& result) {
  return result.contains("optimized") ? "optimized" : "baseline";
}

const Json& shown_model(const Json& result) { return result.at(shown_key(result)); }

}  // namespace nitro::report
