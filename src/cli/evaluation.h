#pragma once

#include "base/json.h"
#include "cli/console.h"
#include "cli/eval_model.h"
#include "eval/data_set.h"
#include "eval/embed.h"
#include "eval/metrics.h"
#include "eval/stored_result.h"
#include "measure/paired_accuracy.h"
#include "optimize/frame.h"

namespace nitro::cli {

/// What a model is set against: another model on the same runner, or a result of another run.
struct Reference {
  std::string source;
  std::optional<EvalModel> model = {};
  std::optional<eval::StoredResult> result = {};
};

struct EvaluationOptions {
  EvalModel model;
  std::optional<Reference> reference = {};
  std::filesystem::path data_source;
  eval::DataSet data;
  size_t limit = 0;
  uint64_t seed = 1;
  eval::Task task;  // its labels are filled in here
  measure::AccuracyOptions accuracy;
  optimize::RunSetup setup;
  bool skip_damaged = false;
  bool torch_metrics = false;
  std::filesystem::path embeddings;  // a folder to write them to; empty: none
  std::vector<std::string> command;
};

/// Embeds the data set and makes the document of docs/eval.schema.json. Interrupted, it is of the
/// scenes that were embedded; with none it fails with kInterrupted.
Result<Json> evaluate(Console& console, EvaluationOptions options);

}  // namespace nitro::cli
