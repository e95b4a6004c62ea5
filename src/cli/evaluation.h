#pragma once

#include "base/json.h"
#include "cli/console.h"
#include "cli/eval_model.h"
#include "eval/stored_result.h"
#include "eval/test_set.h"
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
  eval::TestSet set;
  optimize::RunSetup setup;
  bool torch_metrics = false;
  std::filesystem::path embeddings;  // a folder to write them to; empty: none
  std::vector<std::string> command;
};

/// Embeds the data set and makes the document of docs/eval.schema.json. Interrupted, it is of the
/// scenes that were embedded; with none it fails with kInterrupted.
Result<Json> evaluate(Console& console, const EvaluationOptions& options);

}  // namespace nitro::cli
