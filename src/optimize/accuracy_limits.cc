#include "optimize/accuracy_limits.h"

#include <algorithm>

#include "base/text.h"

namespace nitro::optimize {
namespace {

/// Shares of images are ratios: a bound that is met exactly is not missed by rounding.
constexpr double kRounding = 1e-9;

LimitCheck at_least(const std::string& modality, std::string limit, double bound,
                    std::optional<double> value) {
  return {modality, std::move(limit), bound, value, value && *value >= bound - kRounding};
}

std::optional<double> top1(const eval::Metrics& metrics) {
  if (!metrics.decisions || metrics.decisions->rank.empty()) return {};
  return static_cast<double>(metrics.decisions->within(1)) /
         static_cast<double>(metrics.decisions->rank.size());
}

std::optional<double> least_accuracy(const AccuracyLimits& limits, const std::string& modality) {
  const auto own = limits.min_accuracy_of.find(modality);
  return own == limits.min_accuracy_of.end() ? limits.min_accuracy : own->second;
}

}  // namespace

bool AccuracyLimits::any() const {
  return max_drop || min_accuracy || !min_accuracy_of.empty() || min_cosine;
}

Result<void> check_limits(const AccuracyLimits& limits, const eval::TestSet& set) {
  const bool decisions = limits.max_drop || limits.min_accuracy || !limits.min_accuracy_of.empty();
  if (decisions && set.task.classes.empty()) {
    return fail_with_hint(ErrorCode::kUsage,
                          "--max-drop and --min-accuracy need --classes, and --text where the "
                          "model is no classifier",
                          "--min-cosine needs the images alone");
  }
  for (const auto& [modality, bound] : limits.min_accuracy_of) {
    if (std::ranges::find(set.data.modalities, modality) != set.data.modalities.end()) continue;
    return fail(ErrorCode::kUsage, "--min-accuracy names '{}', which is no modality of --data",
                display(modality, 60));
  }
  return {};
}

std::vector<LimitCheck> check_modality(const AccuracyLimits& limits, const eval::Metrics& optimized,
                                       const eval::AgainstReference& against) {
  std::vector<LimitCheck> checks;
  const std::string& modality = against.modality;
  if (limits.max_drop) {
    LimitCheck check{modality, "max_drop", *limits.max_drop};
    if (against.comparison) check.value = -against.comparison->difference;
    check.held = check.value && *check.value <= check.bound + kRounding;
    checks.push_back(std::move(check));
  }
  if (const auto bound = least_accuracy(limits, modality))
    checks.push_back(at_least(modality, "min_accuracy", *bound, top1(optimized)));
  if (limits.min_cosine) {
    std::optional<double> mean;
    if (against.fidelity) mean = against.fidelity->mean.mean;
    checks.push_back(at_least(modality, "min_cosine", *limits.min_cosine, mean));
  }
  return checks;
}

Json to_json(const LimitCheck& check) {
  return Json::object({{"modality", check.modality},
                       {"limit", check.limit},
                       {"bound", check.bound},
                       {"value", check.value ? Json(*check.value) : Json()},
                       {"held", check.held}});
}

}  // namespace nitro::optimize
