#pragma once

#include "eval/embeddings.h"
#include "eval/run_scenes.h"

namespace nitro::eval {

/// What models made of the same scenes.
struct Embedded {
  std::vector<size_t> samples;  // as embedded, in order
  /// [model][modality of the data set], a row for each sample.
  std::vector<std::vector<Embeddings>> models;
  std::vector<Error> damaged;  // of the scenes left out
  bool interrupted = false;
};

/// Embeds the samples `chosen` of `data` in every modality with each model; images are read once
/// for all of them, ahead of the runner. Interrupted, it returns what there is. Fails as
/// load_image() and the runner do, and with kShapeMismatch on outputs that are not a row for each
/// image.
Result<Embedded> embed(const DataSet& data, const std::vector<size_t>& chosen,
                       const std::vector<LoadedCalls>& models, runner::Runner& runner,
                       const SceneOptions& options);

}  // namespace nitro::eval
