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

/// Of the modality that exceeds it most.
struct WorstExcess {
  std::string modality;
  Excess excess;
};

using Excesses = std::map<std::string, WorstExcess>;

std::optional<double> least_accuracy(const optimize::AccuracyLimits& limits,
                                     const std::string& modality) {
  const auto own = limits.min_accuracy_of.find(modality);
  return own == limits.min_accuracy_of.end() ? limits.min_accuracy : own->second;
}

/// Each limit of which something is known; `by` says which modality is the worst.
Excesses excesses(const Limits& limits, const Trial& trial, double Excess::*by) {
  Excesses all;
  const auto add = [&](const char* name, const std::string& modality, const Excess& excess) {
    const auto [known, is_new] = all.emplace(name, WorstExcess{modality, excess});
    if (!is_new && excess.*by > known->second.excess.*by) known->second = {modality, excess};
  };
  const optimize::AccuracyLimits& accuracy = limits.accuracy;
  for (const Quality& quality : trial.quality) {
    if (accuracy.max_drop && quality.drop)
      add("max_drop", quality.modality, above(*quality.drop, *accuracy.max_drop));
    const auto least = least_accuracy(accuracy, quality.modality);
    if (least && quality.accuracy)
      add("min_accuracy", quality.modality, below(*quality.accuracy, *least));
    if (accuracy.min_cosine && quality.cosine)
      add("min_cosine", quality.modality, below(*quality.cosine, *accuracy.min_cosine));
  }
  // Relative, so that all are of the same order.
  if (limits.max_latency_ns && trial.latency) {
    const Excess excess = above(*trial.latency, *limits.max_latency_ns);
    add("max_latency", "",
        {excess.measured / *limits.max_latency_ns, excess.at_best / *limits.max_latency_ns});
  }
  if (limits.max_memory_bytes && trial.memory_bytes) {
    const double excess = *trial.memory_bytes / *limits.max_memory_bytes - 1;
    add("max_memory", "", {excess, excess});
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
  const optimize::AccuracyLimits& accuracy = limits.accuracy;
  Json of = Json::object();
  for (const auto& [modality, least] : accuracy.min_accuracy_of) of[modality] = least;
  return Json::object({{"max_drop", or_null(accuracy.max_drop)},
                       {"min_accuracy", or_null(accuracy.min_accuracy)},
                       {"min_accuracy_of", std::move(of)},
                       {"min_cosine", or_null(accuracy.min_cosine)},
                       {"max_latency_ns", or_null(limits.max_latency_ns)},
                       {"max_memory_bytes", or_null(limits.max_memory_bytes)}});
}

}  // namespace nitro::search
