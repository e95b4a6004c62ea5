#include "profile/clock_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "measure/median.h"

namespace nitro::profile {
namespace {

constexpr double kTolerance = 0.01;

bool near(int64_t is, int64_t wanted) {
  return std::abs(static_cast<double>(is - wanted)) <= kTolerance * static_cast<double>(wanted);
}

bool near(const ClockSetting& is, const ClockSetting& wanted) {
  return near(is.gpu_hz, wanted.gpu_hz) && (wanted.emc_hz == 0 || near(is.emc_hz, wanted.emc_hz));
}

std::string text(const ClockSetting& clocks) {
  std::string words = fmt::format("{:.1f}", static_cast<double>(clocks.gpu_hz) / 1e6);
  if (clocks.emc_hz > 0)
    words += fmt::format(" and {:.1f}", static_cast<double>(clocks.emc_hz) / 1e6);
  return words;
}

/// The samples of all visits to one point that held.
using SamplesOf = std::function<std::vector<int64_t>(const ClockVisit&)>;

std::optional<ClockPoint> point(const std::vector<ClockVisit>& visits, bool low_gpu, bool low_emc,
                                const SamplesOf& samples_of) {
  std::optional<ClockPoint> point;
  for (const ClockVisit& visit : visits) {
    if (visit.low_gpu != low_gpu || visit.low_emc != low_emc || !held(visit)) continue;
    if (!point) {
      point = ClockPoint{
          static_cast<double>(visit.wanted.gpu_hz), static_cast<double>(visit.wanted.emc_hz), {}};
    }
    for (const int64_t sample : samples_of(visit))
      point->samples_ns.push_back(static_cast<double>(sample));
  }
  return point;
}

std::optional<ClockSamples> samples(const std::vector<ClockVisit>& visits,
                                    const SamplesOf& samples_of) {
  const auto at = [&](bool low_gpu, bool low_emc) {
    return point(visits, low_gpu, low_emc, samples_of);
  };
  const auto high = at(false, false), low_gpu = at(true, false);
  if (!high || !low_gpu) return std::nullopt;
  return ClockSamples{*high, *low_gpu, at(false, true), at(true, true)};
}

/// What was read where the clocks did not hold.
std::vector<measure::QualityNote> notes_of(const std::vector<ClockVisit>& visits) {
  size_t lost = 0;
  std::string first;
  for (const ClockVisit& visit : visits) {
    if (held(visit)) continue;
    const ClockSetting& read = near(visit.before, visit.wanted) ? visit.after : visit.before;
    if (lost++ == 0) {
      first = fmt::format("wanted {} MHz, read {} MHz", text(visit.wanted), text(read));
    }
  }
  if (lost == 0) return {};
  return {{measure::QualityCode::kClockNotFollowed,
           fmt::format("{} of {} visits left out; the first: {}", lost, visits.size(), first)}};
}

bool same_nodes(const std::vector<ClockVisit>& visits) {
  return std::ranges::all_of(visits, [&](const ClockVisit& visit) {
    return std::ranges::equal(visit.nodes.nodes, visits[0].nodes.nodes, {}, &runner::NodeTime::name,
                              &runner::NodeTime::name);
  });
}

std::vector<double> doubles(const std::vector<int64_t>& values) {
  return {values.begin(), values.end()};
}

}  // namespace

bool held(const ClockVisit& visit) {
  return near(visit.before, visit.wanted) && near(visit.after, visit.wanted);
}

ClockProbe join_visits(const std::vector<ClockVisit>& visits) {
  ClockProbe probe;
  for (const ClockVisit& visit : visits) {
    probe.points.push_back({visit.wanted, measure::median(doubles(visit.frame_ns)), held(visit)});
  }
  probe.notes = notes_of(visits);
  const auto frame = samples(visits, [](const ClockVisit& visit) { return visit.frame_ns; });
  if (!frame || !same_nodes(visits)) return probe;
  probe.frame = shares_by_clocks(*frame, 0);
  for (size_t i = 0; i < visits[0].nodes.nodes.size(); ++i) {
    const auto layer =
        samples(visits, [i](const ClockVisit& visit) { return visit.nodes.nodes[i].durations_ns; });
    probe.layers.push_back(
        shares_by_clocks(*layer, static_cast<double>(visits[0].nodes.resolution_ns)));
  }
  return probe;
}

Json to_json(const ClockProbe& probe) {
  Json points = Json::array();
  for (const ClockProbe::Point& point : probe.points) {
    Json json = Json::object();
    json["gpu_hz"] = point.clocks.gpu_hz;
    if (point.clocks.emc_hz > 0) json["emc_hz"] = point.clocks.emc_hz;
    json["frame_ns"] = point.frame_ns;
    json["used"] = point.used;
    points.push_back(std::move(json));
  }
  Json json = Json::object();
  json["points"] = std::move(points);
  if (probe.frame) json["frame"] = to_json(*probe.frame);
  return json;
}

}  // namespace nitro::profile
