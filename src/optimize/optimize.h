#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "optimize/accuracy.h"
#include "optimize/frame.h"
#include "optimize/recipe.h"
#include "optimize/workload.h"
#include "predict/prediction.h"
#include "zoo/open_model.h"

namespace nitro::optimize {

struct OptimizeOptions {
  std::string source;  // a file or zoo:NAME
  zoo::OpenOptions open = {};
  std::vector<std::string> modalities = {};  // one frame computes each; empty: one call
  std::vector<std::string> grey = {};        // those of them that are one channel
  /// Called with what a frame takes, once the model is open: what the user gives for it.
  std::function<Result<std::vector<GivenInput>>(const std::vector<FrameInput>&)> given =
      [](const auto&) { return std::vector<GivenInput>(); };
  uint64_t seed = 1;    // of the inputs that are not given
  RunSetup setup = {};  // its interrupted() ends the whole early
  std::optional<Recipe> recipe =
      {};               // this one, whole; else the standard one, pruned by measurement
  int repetitions = 7;  // fresh processes of the final comparison
  int ablation_repetitions = 5;
  runner::TimeRules rules = {.half_width = 0.01};  // of each process of the final comparison
  bool ablate = true;
  /// Judges the passes by what is predicted for this device instead of by measuring each here.
  std::optional<predict::PredictOptions> device = {};
  /// Evaluates original and rewritten model on these images, in modalities of its own order.
  std::optional<eval::TestSet> test_set = {};
  AccuracyLimits limits = {};             // that check_limits() found fit for the test set
  std::filesystem::path output = ".";     // folder for <name>.opt.onnx, .recipe.toml, .result.json
  std::vector<std::string> command = {};  // for the record
  std::function<void(const std::string&)> phase = [](const std::string&) {};
};

/// The files that optimize() writes.
struct OutputFiles {
  std::filesystem::path model, recipe, result;
};
OutputFiles output_files(const OptimizeOptions& options);

struct Optimized {
  Json result;  // docs/result.schema.json
  OutputFiles files;
  /// All numeric checks that were made held. Those of a lossy recipe need only be finite.
  bool outputs_ok = false;
  std::vector<LimitCheck> limits = {};  // of accuracy, as far as they were checked
};

/// Baseline, candidate rewrites, interleaved measurement, ablation, numerical proof, accuracy.
/// Writes the rewritten model, its recipe and the result. Interrupted, it writes what there is,
/// marked so. Where the outputs differ or a limit is missed, it succeeds all the same, with a
/// result that shows it.
Result<Optimized> optimize(const OptimizeOptions& options);

}  // namespace nitro::optimize
