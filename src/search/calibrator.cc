#include "search/calibrator.h"

#include <algorithm>

#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "optimize/calibrate_model.h"

namespace nitro::search {
namespace {

bool needs_calibration(const optimize::Step& step) {
  const auto pass = passes::find_pass(step.pass);
  return pass && !step.parameters.contains("calibration") &&
         std::ranges::count(split((*pass)->parameters, ' '), "calibration") > 0;
}

bool needs_extremes(const optimize::Step& step) { return step.pass == "convert-f16"; }

/// Sums of products take longest, and these look at ranges alone.
bool needs_moments(const optimize::Step& step) {
  return step.pass != "quantize-int8" && step.pass != "migrate-scales" && !needs_extremes(step);
}

}  // namespace

Result<std::filesystem::path> Calibrator::file_for(const optimize::Step& step, const Graph& graph,
                                                   const optimize::Recipe& before) const {
  const optimize::CalibrateModelOptions wanted{.moments = needs_moments(step),
                                               .extremes = needs_extremes(step)};
  const std::string key =
      to_hex(sha256(fmt::format("{} {} {} {} {}", scenes_, wanted.moments, wanted.extremes,
                                images_.source.native(), to_toml(before))));
  const std::filesystem::path file = folder_ / (key.substr(0, 16) + ".json");
  std::error_code error;
  if (std::filesystem::exists(file, error)) return file;
  const auto calls = TRY(eval::model_calls(graph, images_.ports()));
  const calibrate::Scenes scenes{images_.data,
                                 eval::choose_samples(images_.data, scenes_, images_.seed), calls};
  const passes::Calibration calibration =
      TRY(optimize::calibrate_model(graph, scenes, setup_, wanted));
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
