#pragma once

#include <functional>
#include <string>

#include "eval/data_set.h"
#include "eval/embeddings.h"
#include "eval/model_calls.h"
#include "runner/client.h"

namespace nitro::eval {

/// A model that a runner has loaded.
struct LoadedCalls {
  runner::Handle handle = 0;
  ModelCalls calls;
};

struct EmbedOptions {
  /// Goes on without the scenes of images that cannot be read, instead of failing.
  bool skip_damaged = false;
  size_t threads = 1;  // that read images
  std::function<bool()> interrupted = [] { return false; };
  std::function<void(size_t done)> progress = [](size_t) {};
};

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
                       const EmbedOptions& options);

}  // namespace nitro::eval
