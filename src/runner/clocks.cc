#include "runner/clocks.h"

#include <algorithm>

#include "base/text.h"
#include "runner/fields.h"

namespace nitro::runner {
namespace {

constexpr size_t kMostWords = 2000;

Json clock_json(const BoardClock& clock) {
  Json json = Json::object();
  json["now"] = clock.now;
  json["most"] = clock.most;
  json["available"] = Json::array_of(clock.available);
  if (!clock.cannot_set.empty()) json["cannot_set"] = clock.cannot_set;
  return json;
}

Result<std::optional<BoardClock>> parse_clock(const Json& reply, std::string_view key) {
  if (!reply.contains(key)) return std::optional<BoardClock>();
  const Json& json = *TRY(object_field(reply, key));
  BoardClock clock;
  clock.now = TRY(integer_field(json, "now", 0));
  clock.most = TRY(integer_field(json, "most", 0));
  clock.available = TRY(integers_field(json, "available", 1));
  if (!std::ranges::is_sorted(clock.available))
    return fail(ErrorCode::kRunnerFailed, "'available' of its clock '{}' does not rise", key);
  if (json.contains("cannot_set"))
    clock.cannot_set = display(TRY(text_field(json, "cannot_set")), kMostWords);
  return std::optional(std::move(clock));
}

}  // namespace

Json to_json(const BoardClocks& clocks) {
  Json json = Json::object();
  if (clocks.gpu) json["gpu"] = clock_json(*clocks.gpu);
  if (clocks.emc) json["emc"] = clock_json(*clocks.emc);
  json["sudoers"] = clocks.sudoers;
  return json;
}

Json to_json(const ClocksWanted& wanted) {
  Json json = Json::object();
  if (wanted.gpu_hz) json["gpu_hz"] = *wanted.gpu_hz;
  if (wanted.emc_hz) json["emc_hz"] = *wanted.emc_hz;
  json["restore"] = wanted.restore;
  return json;
}

Result<BoardClocks> parse_clocks(const Json& reply) {
  BoardClocks clocks;
  clocks.gpu = TRY(parse_clock(reply, "gpu"));
  clocks.emc = TRY(parse_clock(reply, "emc"));
  clocks.sudoers = display(TRY(text_field(reply, "sudoers")), kMostWords);
  return clocks;
}

Result<ClocksWanted> parse_clocks_wanted(const Json& request) {
  ClocksWanted wanted;
  if (request.contains("gpu_hz")) wanted.gpu_hz = TRY(integer_field(request, "gpu_hz", 1));
  if (request.contains("emc_hz")) wanted.emc_hz = TRY(integer_field(request, "emc_hz", 1));
  if (request.contains("restore")) wanted.restore = TRY(bool_field(request, "restore"));
  return wanted;
}

}  // namespace nitro::runner
