#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "optimize/frame.h"
#include "optimize/recipe.h"
#include "zoo/open_model.h"

namespace nitro::optimize {

struct OptimizeOptions {
  std::string source;  // a file or zoo:NAME
  zoo::OpenOptions open = {};
  std::vector<std::string> modalities = {};  // one frame computes each; empty: one call
  RunSetup setup = {};
  std::optional<Recipe> recipe =
      {};               // this one, whole; else the standard one, pruned by measurement
  int repetitions = 7;  // fresh processes of the final comparison
  int ablation_repetitions = 5;
  runner::TimeRules rules = {.half_width = 0.01};  // of each process of the final comparison
  bool ablate = true;
  std::filesystem::path output = ".";     // folder for <name>.opt.onnx, .recipe.toml, .result.json
  std::vector<std::string> command = {};  // for the record
  std::function<void(const std::string&)> phase = [](const std::string&) {};
  std::function<bool()> interrupted = [] { return false; };
};

struct Optimized {
  Json result;  // docs/result.schema.json
  std::filesystem::path model;
  std::filesystem::path recipe;
  std::filesystem::path result_file;
  bool outputs_equal = false;  // all numeric checks that were made held
};

/// Baseline, candidate rewrites, interleaved measurement, ablation, numerical proof. Writes the
/// rewritten model, its recipe and the result. Interrupted, it writes what there is, marked so.
/// Where the outputs differ, it succeeds with outputs_equal false and a result that shows it.
Result<Optimized> optimize(const OptimizeOptions& options);

}  // namespace nitro::optimize
