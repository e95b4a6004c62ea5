#include "runner/served_time.h"

#include "runner/fields.h"
#include "runner/server.h"

namespace nitro::runner {
namespace {

Result<TimeRules> parse_rules(const Json& request) {
  TimeRules rules;
  const auto read = [&](std::string_view key, int64_t& value) -> Result<void> {
    if (request.contains(key)) value = TRY(integer_field(request, key, 0));
    return {};
  };
  TRY(read("warmup_ns", rules.warmup_ns));
  TRY(read("max_warmup_ns", rules.max_warmup_ns));
  TRY(read("min_samples", rules.min_samples));
  TRY(read("max_samples", rules.max_samples));
  TRY(read("min_ns", rules.min_ns));
  TRY(read("max_ns", rules.max_ns));
  rules.half_width = request.at("half_width").as_number();
  return rules;
}

Json timing_json(const Timing& timing) {
  Json warmup = Json::object();
  warmup["frames"] = timing.warmup_frames;
  warmup["ns"] = timing.warmup_ns;
  warmup["stable"] = timing.warmup_stable;
  Json json = Json::object();
  json["samples_ns"] = Json::array_of(timing.samples_ns);
  json["stamps_ns"] = Json::array_of(timing.stamps_ns);
  json["cold_ns"] = timing.cold_ns ? Json(*timing.cold_ns) : Json();
  json["warmup"] = std::move(warmup);
  return json;
}

}  // namespace

Result<Json> answer_time(const Json& request, const MakeFrame& make_frame) {
  const TimeRules rules = TRY(parse_rules(request));
  const bool single = !request.contains("variants");
  const Json variants = single ? Json::array({request}) : *TRY(array_field(request, "variants"));
  std::vector<Frame> frames;
  std::vector<bool> cold;
  for (const Json& variant : variants.items()) {
    bool is_cold = false;
    frames.push_back(TRY(make_frame(variant, is_cold)));
    cold.push_back(is_cold);
  }
  if (frames.empty()) return fail(ErrorCode::kUsage, "nothing to time");
  forget_stop();
  const TimeReply timed = TRY(sample_frames(frames, cold, rules, stop_wanted));
  Json reply = single ? timing_json(timed.variants[0]) : Json::object();
  if (!single) {
    Json list = Json::array();
    for (const Timing& timing : timed.variants) list.push_back(timing_json(timing));
    reply["variants"] = std::move(list);
  }
  reply["stopped_by"] = timed.stopped_by;
  return reply;
}

}  // namespace nitro::runner
