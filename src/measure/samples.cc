#include "measure/samples.h"

#include <cmath>

namespace nitro::measure {

Json to_json(const Samples& samples) {
  Json json = Json::object();
  json["ns"] = Json::array_of(samples.ns);
  json["start_ns"] = Json::array_of(samples.start_ns);
  json["cold_first_ns"] = samples.cold_first_ns ? Json(*samples.cold_first_ns) : Json();
  json["discarded"] = samples.discarded;
  return json;
}

Result<Samples> samples_from_json(const Json& json) {
  if (!json.at("ns").is_array()) return fail(ErrorCode::kBadFile, "samples without a list 'ns'");
  Samples samples;
  for (const Json& item : json.at("ns").items()) {
    const double ns = item.as_number(-1);
    if (!std::isfinite(ns) || ns <= 0) {
      return fail(ErrorCode::kBadFile, "sample {} is not a positive time", samples.ns.size());
    }
    samples.ns.push_back(ns);
  }
  for (const Json& item : json.at("start_ns").items()) {
    if (!item.is_integer()) {
      return fail(ErrorCode::kBadFile, "time stamp {} of the samples is not an integer",
                  samples.start_ns.size());
    }
    samples.start_ns.push_back(item.as_integer());
  }
  if (!samples.start_ns.empty() && samples.start_ns.size() != samples.ns.size()) {
    return fail(ErrorCode::kBadFile, "{} samples have {} time stamps", samples.ns.size(),
                samples.start_ns.size());
  }
  if (json.at("cold_first_ns").is_number()) {
    samples.cold_first_ns = json.at("cold_first_ns").as_number();
  }
  samples.discarded = json.at("discarded").as_integer();
  if (samples.discarded < 0) {
    return fail(ErrorCode::kBadFile, "{} discarded samples", samples.discarded);
  }
  return samples;
}

}  // namespace nitro::measure
