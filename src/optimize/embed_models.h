#pragma once

#include <functional>
#include <string>
#include <vector>

#include "eval/test_set.h"
#include "optimize/frame.h"

namespace nitro::optimize {

/// A model with the calls that embed scenes.
struct ModelToEmbed {
  std::string source;  // as errors name it
  std::filesystem::path file;
  eval::ModelCalls calls;
};

struct EmbeddedModels {
  runner::RunnerInfo info;
  eval::Embedded embedded;  // its models are in the order given
  double images_per_s = 0;
};

/// Embeds the scenes of `set` with each model, in one process of the runner of `setup`: the one,
/// with the precision and the options, that times them. `phase` is told how far it is. Interrupted,
/// it returns what there is; with no scene at all it fails with kInterrupted, or with the error of
/// the first damaged image.
Result<EmbeddedModels> embed_models(const std::vector<ModelToEmbed>& models,
                                    const eval::TestSet& set, const RunSetup& setup,
                                    const std::function<void(const std::string&)>& phase);

}  // namespace nitro::optimize
