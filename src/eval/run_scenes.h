#pragma once

#include <functional>
#include <vector>

#include "eval/data_set.h"
#include "eval/model_calls.h"
#include "runner/client.h"

namespace nitro::eval {

/// A model that a runner has loaded.
struct LoadedCalls {
  runner::Handle handle = 0;
  ModelCalls calls;
};

struct SceneOptions {
  /// Goes on without the scenes of images that cannot be read, instead of failing.
  bool skip_damaged = false;
  size_t threads = 1;  // that read images
  std::function<bool()> interrupted = [] { return false; };
  std::function<void(size_t done)> progress = [](size_t) {};
};

/// What came of running models on scenes.
struct SceneRun {
  std::vector<size_t> samples;  // that every model was run on, in order
  std::vector<Error> damaged;   // of the scenes left out
  bool interrupted = false;
};

/// Takes what one call of a model gave. Its first `scenes` images are new ones; a batch that is not
/// full ends with copies of its last scene.
using TakeOutputs = std::function<Result<void>(size_t model, const std::vector<Port>& call,
                                               size_t scenes, const runner::NamedTensors& outputs)>;

/// Runs each model on the samples `chosen` of `data` in every modality; images are read once for
/// all of them, ahead of the runner. Interrupted, it returns what there is; `take` may then have
/// got more than `samples`. Fails as load_image(), the runner and `take` do.
Result<SceneRun> run_scenes(const DataSet& data, const std::vector<size_t>& chosen,
                            const std::vector<LoadedCalls>& models, runner::Runner& runner,
                            const SceneOptions& options, const TakeOutputs& take);

}  // namespace nitro::eval
