#include "optimize/calibrate_model.h"

#include <algorithm>

#include "calibrate/calibrate.h"
#include "measure/environment.h"
#include "passes/lossy/linear_inputs.h"
#include "passes/lossy/points.h"

namespace nitro::optimize {
namespace {

/// The values of `graph` that passes may ask for; those that it lacks are added to `watched`.
Result<std::vector<ValueId>> watched_values(const Graph& graph, bool moments, Graph& watched) {
  std::vector<ValueId> values = passes::linear_inputs(graph);
  for (ValueId id : passes::convolution_outputs(graph))
    if (std::ranges::find(values, id) == values.end()) values.push_back(id);
  if (moments)
    std::ranges::copy(TRY(passes::add_branch_values(watched)), std::back_inserter(values));
  return values;
}

}  // namespace

Result<passes::Calibration> calibrate_model(const Graph& graph, const calibrate::Scenes& scenes,
                                            const RunSetup& setup,
                                            const CalibrateModelOptions& options) {
  calibrate::CalibrateOptions how;
  how.moments = options.moments;
  how.observe.load = setup.load;
  how.observe.load.shapes.clear();
  how.observe.scenes.threads =
      static_cast<size_t>(std::max(1, measure::read_environment().usable_processors));
  how.observe.scenes.interrupted = setup.interrupted;
  how.observe.scenes.progress = options.progress;
  Graph watched = graph;
  const std::vector<ValueId> values = TRY(watched_values(graph, options.moments, watched));
  if (options.extremes) how.extremes = TRY(passes::add_extremes_value(watched));
  options.watching(values.size());
  runner::Runner runner = TRY(start_interruptible_runner(setup));
  passes::Calibration calibration = TRY(calibrate::calibrate(watched, values, scenes, runner, how));
  TRY(runner.bye());
  calibration.graph = passes::graph_fingerprint(graph);
  return calibration;
}

}  // namespace nitro::optimize
