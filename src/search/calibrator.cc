#include "search/calibrator.h"

#include <algorithm>

#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "calibrate/calibrate.h"
#include "measure/environment.h"
#include "passes/lossy/linear_inputs.h"
#include "passes/lossy/points.h"

namespace nitro::search {
namespace {

bool needs_calibration(const optimize::Step& step) {
  const auto pass = passes::find_pass(step.pass);
  return pass && !step.parameters.contains("calibration") &&
         std::ranges::count(split((*pass)->parameters, ' '), "calibration") > 0;
}

/// Sums of products take longest, and these look at ranges alone.
bool needs_moments(const optimize::Step& step) {
  return step.pass != "quantize-int8" && step.pass != "migrate-scales";
}

/// The values of `graph` that passes may ask for; `watched` is it with those that it lacks.
Result<std::vector<ValueId>> watched_values(const Graph& graph, bool moments, Graph& watched) {
  std::vector<ValueId> values = passes::linear_inputs(graph);
  for (ValueId id : passes::convolution_outputs(graph))
    if (std::ranges::find(values, id) == values.end()) values.push_back(id);
  if (moments)
    std::ranges::copy(TRY(passes::add_branch_values(watched)), std::back_inserter(values));
  return values;
}

}  // namespace

Result<std::filesystem::path> Calibrator::file_for(const optimize::Step& step, const Graph& graph,
                                                   const optimize::Recipe& before) const {
  const bool moments = needs_moments(step);
  const std::string key = to_hex(sha256(
      fmt::format("{} {} {} {}", scenes_, moments, images_.source.native(), to_toml(before))));
  const std::filesystem::path file = folder_ / (key.substr(0, 16) + ".json");
  std::error_code error;
  if (std::filesystem::exists(file, error)) return file;
  const auto calls = TRY(eval::model_calls(graph, images_.ports()));
  const calibrate::Scenes scenes{images_.data,
                                 eval::choose_samples(images_.data, scenes_, images_.seed), calls};
  calibrate::CalibrateOptions options;
  options.moments = moments;
  options.observe.load = setup_.load;
  options.observe.load.shapes.clear();
  options.observe.scenes.threads =
      static_cast<size_t>(std::max(1, measure::read_environment().usable_processors));
  options.observe.scenes.interrupted = setup_.interrupted;
  Graph watched = graph;
  const std::vector<ValueId> values = TRY(watched_values(graph, moments, watched));
  runner::Runner runner = TRY(optimize::start_interruptible_runner(setup_));
  passes::Calibration calibration =
      TRY(calibrate::calibrate(watched, values, scenes, runner, options));
  TRY(runner.bye());
  calibration.graph = passes::graph_fingerprint(graph);
  std::filesystem::create_directories(folder_, error);
  TRY(write_file_atomic(file, passes::to_json(calibration).dump() + "\n"));
  return file;
}

Result<optimize::Recipe> Calibrator::apply(const optimize::Recipe& recipe, Graph& graph) const {
  optimize::Recipe done;
  for (optimize::Step step : recipe.steps) {
    if (needs_calibration(step))
      step.parameters["calibration"] = TRY(file_for(step, graph, done)).native();
    TRY(optimize::apply({{step}}, graph));
    done.steps.push_back(std::move(step));
  }
  return done;
}

}  // namespace nitro::search
