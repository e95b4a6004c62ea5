#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/against_reference.h"
#include "eval/data_set.h"
#include "eval/embed.h"
#include "eval/metrics.h"
#include "eval/model_calls.h"
#include "measure/paired_accuracy.h"

namespace nitro::eval {

/// The scenes that models are judged by, and what is looked at.
struct TestSet {
  std::filesystem::path source;
  DataSet data;
  Task task;         // without labels: labelled() knows those of embedded scenes
  size_t limit = 0;  // scenes at most; 0: all
  uint64_t seed = 1;
  std::optional<image::Pixels> pixels = {};
  bool skip_damaged = false;
  measure::AccuracyOptions accuracy = {};

  /// How models are to take its images.
  PortOptions ports() const;
  /// The classes that labels are indices of: the candidates, or those of the data without any.
  const std::vector<std::string>& classes() const;
};

std::vector<std::string> scene_ids(const TestSet& set, const Embedded& embedded);

/// The task with the labels of the embedded scenes.
Task labelled(const TestSet& set, const Embedded& embedded);

/// The metrics of model number `model` in each modality. Fails with kUsage where a classifier has
/// another number of scores than there are classes.
Result<std::vector<Metrics>> metrics_of_model(const Embedded& embedded, size_t model,
                                              const Task& task);

/// Model number `model` beside model number `reference` in each modality: decisions with verdicts
/// where there is a task, and cosines where rows are of one length.
std::vector<AgainstReference> compare_models(const TestSet& set, const Embedded& embedded,
                                             size_t model, size_t reference, const Task& task);

/// `data` in docs/eval.schema.json.
Json data_json(const TestSet& set, const Embedded& embedded);

/// `scores` in docs/eval.schema.json.
std::string_view scores_word(const Task& task);

}  // namespace nitro::eval
