#include "trace/trtexec_profile.h"

#include "base/text.h"
#include "trace/lenient_json.h"

namespace nitro::trace {
namespace {

/// Longer than anything that was ever measured.
constexpr double kMostMs = 1e9;

}  // namespace

Result<TrtexecProfile> parse_trtexec_profile(const Json& json) {
  TrtexecProfile profile;
  if (json.is_array() && json.size() > 0)
    profile.count = static_cast<int64_t>(lenient_number(json.items()[0].at("count"), 0));
  if (profile.count < 1)
    return fail(ErrorCode::kBadFile, "the profile of trtexec does not begin with a count of runs");
  for (size_t i = 1; i < json.size(); ++i) {
    const Json& row = json.items()[i];
    const double average = lenient_number(row.at("averageMs"), -1);
    if (!row.at("name").is_string() || !(average >= 0) || average >= kMostMs) {
      return fail(ErrorCode::kBadFile, "layer {} of the profile of trtexec ('{}') has no averageMs",
                  i - 1, display(row.at("name").as_string(), 80));
    }
    profile.layers.push_back({row.at("name").as_string(), average});
  }
  return profile;
}

Result<TrtexecProfile> read_trtexec_profile(const std::filesystem::path& path) {
  const Json json = TRY(read_lenient_json(path));
  return parse_trtexec_profile(json);
}

}  // namespace nitro::trace
