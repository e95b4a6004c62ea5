#pragma once

#include <functional>
#include <vector>

#include "eval/run_scenes.h"
#include "ir/graph.h"

namespace nitro::calibrate {

/// Images to run a model on.
struct Scenes {
  const eval::DataSet& data;
  std::vector<size_t> chosen;  // samples, in this order
  eval::ModelCalls calls;      // of the model
};

struct ObserveOptions {
  runner::LoadOptions load;
  eval::SceneOptions scenes;
};

/// Takes one tensor of a value: of the first dimension of one call, which may be several images.
using TakeTensor = std::function<Result<void>(ValueId value, const Tensor& tensor)>;

/// Runs `graph` on `scenes` in every modality and hands over what `values` are in each call, in the
/// order of the scenes; nothing is kept. Returns how many scenes it ran. Fails as run_scenes()
/// does, with the error of `take`, and with kInterrupted.
Result<size_t> observe(const Graph& graph, const std::vector<ValueId>& values, const Scenes& scenes,
                       runner::Runner& runner, const ObserveOptions& options,
                       const TakeTensor& take);

}  // namespace nitro::calibrate
