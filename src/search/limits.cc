#include "search/limits.h"

#include <algorithm>

namespace nitro::search {
namespace {

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

/// By how much a limit is exceeded as measured, and at the end of the interval that favours it.
struct Excess {
  double measured = 0;
  double at_best = 0;
};

Excess above(const Estimate& estimate, double limit) {
  return {estimate.value - limit, estimate.low - limit};
}

Excess below(const Estimate& estimate, double limit) {
  return {limit - estimate.value, limit - estimate.high};
}

/// Of the modality that exceeds it most; nothing where none is known.
struct WorstExcess {
  std::string modality;
  Excess excess;
};

template <class Of>
std::optional<WorstExcess> worst(const Trial& trial, const std::optional<double>& limit,
                                 std::optional<Estimate> Quality::*member, Of of,
                                 double Excess::*by) {
  std::optional<WorstExcess> found;
  for (const Quality& quality : trial.quality) {
    const std::optional<Estimate>& estimate = quality.*member;
    if (!limit || !estimate) continue;
    const Excess excess = of(*estimate, *limit);
    if (!found || excess.*by > found->excess.*by) found = WorstExcess{quality.modality, excess};
  }
  return found;
}

/// Each limit of which something is known, with the worst modality where it is of these.
std::map<std::string, WorstExcess> excesses(const Limits& limits, const Trial& trial,
                                            double Excess::*by) {
  std::map<std::string, WorstExcess> all;
  const auto add = [&](const char* name, std::optional<WorstExcess> excess) {
    if (excess) all[name] = *std::move(excess);
  };
  add("max_drop", worst(trial, limits.max_drop, &Quality::drop, above, by));
  add("min_accuracy", worst(trial, limits.min_accuracy, &Quality::accuracy, below, by));
  add("min_cosine", worst(trial, limits.min_cosine, &Quality::cosine, below, by));
  // Relative, so that all are of the same order.
  if (limits.max_latency_ns && trial.latency) {
    const Excess excess = above(*trial.latency, *limits.max_latency_ns);
    add("max_latency", WorstExcess{"",
                                   {excess.measured / *limits.max_latency_ns,
                                    excess.at_best / *limits.max_latency_ns}});
  }
  if (limits.max_memory_bytes && trial.memory_bytes) {
    const double excess = *trial.memory_bytes / *limits.max_memory_bytes - 1;
    add("max_memory", WorstExcess{"", {excess, excess}});
  }
  return all;
}

}  // namespace

std::map<std::string, double> violations(const Limits& limits, const Trial& trial) {
  std::map<std::string, double> result;
  for (const auto& [name, worst] : excesses(limits, trial, &Excess::measured))
    result[name] = worst.excess.measured;
  return result;
}

bool keeps(const Limits& limits, const Trial& trial) {
  return trial.complete() && std::ranges::all_of(violations(limits, trial),
                                                 [](const auto& each) { return each.second <= 0; });
}

std::string surely_beyond(const Limits& limits, const Trial& trial) {
  for (const auto& [name, worst] : excesses(limits, trial, &Excess::at_best)) {
    if (!(worst.excess.at_best > 0)) continue;
    if (name == "max_latency") return "surely slower than the limit";
    if (name == "max_memory") return "needs more memory than the limit";
    const char* what = name == "max_drop"       ? "drop surely above"
                       : name == "min_accuracy" ? "accuracy surely below"
                                                : "cosine surely below";
    return fmt::format("{} the limit in {}, by {:.2g} or more", what, worst.modality,
                       worst.excess.at_best);
  }
  return "";
}

Json to_json(const Limits& limits) {
  return Json::object({{"max_drop", or_null(limits.max_drop)},
                       {"min_accuracy", or_null(limits.min_accuracy)},
                       {"min_cosine", or_null(limits.min_cosine)},
                       {"max_latency_ns", or_null(limits.max_latency_ns)},
                       {"max_memory_bytes", or_null(limits.max_memory_bytes)}});
}

}  // namespace nitro::search
