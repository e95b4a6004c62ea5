#include "runner/served_time.h"

#include "measure/power_sampler.h"
#include "runner/board_power.h"
#include "runner/fields.h"
#include "runner/server.h"

namespace nitro::runner {
namespace {

/// Long enough for some tens of readings.
constexpr std::chrono::milliseconds kIdle{300};

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
  if (timing.power_mw) json["power_mw"] = *timing.power_mw;
  return json;
}

/// The power before anything runs; nothing on machines without a sensor.
std::optional<double> idle_power_mw(const std::filesystem::path& root) {
  if (!total_power_mw(root)) return std::nullopt;
  measure::PowerSampler sampler([&] { return total_power_mw(root); });
  std::this_thread::sleep_for(kIdle);
  double sum = 0;
  const std::vector<measure::PowerReading> readings = sampler.stop();
  for (const measure::PowerReading& reading : readings) sum += reading.milliwatts;
  if (readings.empty()) return std::nullopt;
  return sum / static_cast<double>(readings.size());
}

/// Samples, and the machine's power meanwhile where it has a sensor.
Result<TimeReply> sample_with_power(const SampleVariants& sample, const Json& variants,
                                    const TimeRules& rules) {
  const std::filesystem::path root = board_root();
  const std::optional<double> idle = idle_power_mw(root);
  std::optional<measure::PowerSampler> sampler;
  if (idle) sampler.emplace([root] { return total_power_mw(root); });
  TimeReply timed = TRY(sample(variants, rules));
  if (!sampler) return timed;
  timed.idle_power_mw = idle;
  const std::vector<measure::PowerReading> readings = sampler->stop();
  for (Timing& timing : timed.variants)
    timing.power_mw = measure::mean_power_mw(readings, timing.stamps_ns, timing.samples_ns);
  return timed;
}

}  // namespace

Result<Json> answer_time(const Json& request, const SampleVariants& sample) {
  const TimeRules rules = TRY(parse_rules(request));
  const bool single = !request.contains("variants");
  const Json variants = single ? Json::array({request}) : *TRY(array_field(request, "variants"));
  if (variants.size() == 0) return fail(ErrorCode::kUsage, "nothing to time");
  forget_stop();
  const TimeReply timed = TRY(sample_with_power(sample, variants, rules));
  Json reply = single ? timing_json(timed.variants[0]) : Json::object();
  if (!single) {
    Json list = Json::array();
    for (const Timing& timing : timed.variants) list.push_back(timing_json(timing));
    reply["variants"] = std::move(list);
  }
  reply["stopped_by"] = timed.stopped_by;
  if (timed.idle_power_mw) reply["idle_power_mw"] = *timed.idle_power_mw;
  return reply;
}

Result<Json> answer_time(const Json& request, const MakeFrame& make_frame) {
  const SampleVariants sample = [&](const Json& variants,
                                    const TimeRules& rules) -> Result<TimeReply> {
    std::vector<Frame> frames;
    std::vector<bool> cold;
    for (const Json& variant : variants.items()) {
      bool is_cold = false;
      frames.push_back(TRY(make_frame(variant, is_cold)));
      cold.push_back(is_cold);
    }
    return sample_frames(frames, cold, rules, stop_wanted);
  };
  return answer_time(request, sample);
}

}  // namespace nitro::runner
