#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/against_reference.h"
#include "eval/metrics.h"
#include "eval/test_set.h"

namespace nitro::optimize {

/// What each modality of a rewritten model must keep to, as it was measured.
struct AccuracyLimits {
  std::optional<double> max_drop = {};      // of top-1, a share of the images
  std::optional<double> min_accuracy = {};  // top-1 of modalities without one of their own
  std::map<std::string, double> min_accuracy_of = {};
  std::optional<double> min_cosine = {};  // mean cosine of embeddings to those of the original

  bool any() const;
};

/// One limit and one modality.
struct LimitCheck {
  std::string modality;
  std::string limit;  // "max_drop", "min_accuracy" or "min_cosine"
  double bound = 0;
  /// Nothing where it could not be told, which holds no limit.
  std::optional<double> value = {};
  bool held = false;
};

/// kUsage where a limit needs classes that `set` lacks, or names a modality that it lacks.
Result<void> check_limits(const AccuracyLimits& limits, const eval::TestSet& set);

/// Each limit on a modality whose images, of which there are some, gave `optimized` and `against`.
std::vector<LimitCheck> check_modality(const AccuracyLimits& limits, const eval::Metrics& optimized,
                                       const eval::AgainstReference& against);

/// An item of `accuracy.limits` in docs/result.schema.json.
Json to_json(const LimitCheck& check);

}  // namespace nitro::optimize
