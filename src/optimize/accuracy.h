#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/test_set.h"
#include "optimize/accuracy_limits.h"
#include "optimize/embed_models.h"

namespace nitro::optimize {

/// Original and rewritten model on the same images.
struct Accuracy {
  eval::Task task;  // with the labels of the embedded scenes
  eval::Embedded embedded;
  double images_per_s = 0;
  std::vector<eval::Metrics> baseline = {};          // of each modality of the test set
  std::vector<eval::Metrics> optimized = {};         // likewise
  std::vector<eval::AgainstReference> against = {};  // optimized beside baseline
  std::vector<LimitCheck> limits = {};
};

/// Evaluates both models on `set` in one process of the runner that times them. `limits` have
/// passed check_limits(). Fails as embed_models() does, and as eval::metrics_of_model().
Result<Accuracy> judge_accuracy(const ModelToEmbed& original, const ModelToEmbed& rewritten,
                                const eval::TestSet& set, const AccuracyLimits& limits,
                                const RunSetup& setup,
                                const std::function<void(const std::string&)>& phase);

/// `accuracy` in docs/result.schema.json, with examples of changed answers.
Json to_json(const Accuracy& accuracy, const eval::TestSet& set);

}  // namespace nitro::optimize
