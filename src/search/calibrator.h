#pragma once

#include <filesystem>

#include "eval/test_set.h"
#include "optimize/frame.h"
#include "optimize/recipe.h"

namespace nitro::search {

/// Completes recipes whose passes need a calibration of the graph that they are applied to. Files
/// of calibrations are kept in a folder, so that the same beginning of a recipe is calibrated once,
/// and a recipe can be applied again.
class Calibrator {
 public:
  /// `images`: of which at most `scenes` are looked at.
  Calibrator(const eval::TestSet& images, size_t scenes, const optimize::RunSetup& setup,
             std::filesystem::path folder)
      : images_(images), scenes_(scenes), setup_(setup), folder_(std::move(folder)) {}

  /// Applies `recipe` to `graph` step by step; returns it with the files that it needed. Fails as
  /// the passes and the runner do.
  Result<optimize::Recipe> apply(const optimize::Recipe& recipe, Graph& graph) const;

 private:
  /// The file for `step` after `before`.
  Result<std::filesystem::path> file_for(const optimize::Step& step, const Graph& graph,
                                         const optimize::Recipe& before) const;

  const eval::TestSet& images_;
  size_t scenes_;
  const optimize::RunSetup& setup_;
  std::filesystem::path folder_;
};

}  // namespace nitro::search
