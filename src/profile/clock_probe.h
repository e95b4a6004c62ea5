#pragma once

#include <cstdint>
#include <vector>

#include "base/json.h"
#include "measure/quality_note.h"
#include "profile/clock_shares.h"
#include "runner/protocol.h"

namespace nitro::profile {

/// Clocks in hertz; an EMC of 0 is left as it is.
struct ClockSetting {
  int64_t gpu_hz = 0;
  int64_t emc_hz = 0;
};

/// A stay at one setting: what was wanted, what the clocks read before and after the nodes were
/// timed, and the times.
struct ClockVisit {
  bool low_gpu = false;
  bool low_emc = false;
  ClockSetting wanted;
  ClockSetting before;
  ClockSetting after;
  std::vector<int64_t> frame_ns;
  runner::NodeProfile nodes;
};

/// Whether the clocks were what was wanted throughout, within 1 %.
bool held(const ClockVisit& visit);

struct ClockProbe {
  struct Point {
    ClockSetting clocks;
    double frame_ns = 0;  // median
    bool used = true;     // else its clocks did not hold
  };
  std::vector<Point> points;         // in the order taken
  std::optional<ClockShares> frame;  // nothing where too few points held
  std::vector<ClockShares> layers;   // one for each node, in their order; or none
  std::vector<measure::QualityNote> notes;
};

/// Joins the visits: those that did not hold are left out with a note; without one where the
/// memory's clock was low it is a probe by the GPU's clock alone.
ClockProbe join_visits(const std::vector<ClockVisit>& visits);

/// The `clock_probe` of docs/result.schema.json; the layers have theirs.
Json to_json(const ClockProbe& probe);

}  // namespace nitro::profile
