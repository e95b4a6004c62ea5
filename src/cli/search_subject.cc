#include "cli/search_subject.h"

#include "base/version.h"
#include "cli/interrupt.h"
#include "optimize/result_document.h"
#include "optimize/standard_recipe.h"

namespace nitro::cli {

void SearchSubject::declare(Arguments& arguments) {
  frame_.declare_frame(arguments);
  data_.declare(arguments);
  arguments.option("--test-data", "Other images, by which the winner is judged in the end",
                   test_data_);
  limits_.declare(arguments);
  search_.declare(arguments);
  arguments.option("--seed", "Of the sampler and the choice of scenes (default 1)", seed_, 0);
  frame_.declare_output(arguments, "model, recipe, result and trials");
}

Result<void> SearchSubject::open(Console& console) {
  options_ = TRY(search_.options(TRY(limits_.limits())));
  if (!data_.given()) TRY(data_.check_alone(true));
  scratch_.emplace(TRY(ScratchFolder::create("nitro-search")));
  final_ = TRY(frame_.options(console));
  final_.seed = seed();
  final_.limits = options_.limits.accuracy;
  name_ = optimize::output_files(final_).result.stem().stem().native();
  images_ = TRY(data_.test_set(final_.modalities, seed()));
  TRY(optimize::check_limits(final_.limits, images_));
  console.phase("opening the model");
  original_ = TRY(zoo::open_model(final_.source, scratch_->path(), final_.open));
  original_.file = TRY(zoo::runnable_file(original_, scratch_->path(), final_.open.import.limits));
  workload_ = {.modalities = final_.modalities, .grey = final_.grey, .seed = final_.seed};
  return workload_.check_grey(original_.model.graph);
}

Result<eval::TestSet> SearchSubject::judging_images() const {
  if (test_data_.empty()) return images_;
  return data_.test_set(test_data_, images_.data.modalities, seed());
}

search::EvaluatorOptions SearchSubject::measuring() const {
  return {.original = original_,
          .workload = workload_,
          .setup = final_.setup,
          .images = images_,
          .few = search_.few(),
          .calibration_scenes = search_.calibration_scenes(),
          .folder = std::filesystem::absolute(final_.output) / (name_ + ".calibrations"),
          .device = final_.device,
          .repetitions = final_.repetitions,
          .phase = final_.phase};
}

void SearchSubject::complete(const search::ModelEvaluator& evaluator) {
  const std::string runtime = final_.device ? final_.device->runtime.name : final_.setup.runner;
  options_.standard = optimize::standard_recipe(runtime, final_.modalities, final_.grey);
  options_.study.name = name_;
  options_.study.seed = seed();
  options_.study.identity =
      Json::object({{"model_sha256", optimize::model_json(original_).at("sha256")},
                    {"data_sha256", search::fingerprint(images_)},
                    {"modalities", Json::array_of(final_.modalities)},
                    {"grey", Json::array_of(final_.grey)},
                    {"latency", final_.device ? final_.device->device.name : final_.setup.runner},
                    {"threads", final_.setup.load.threads},
                    {"limits", search::to_json(options_.limits)},
                    {"fixed", options_.space.fixed()}});
  options_.versions = Json::object(
      {{"nitro_version", kVersion}, {"runner_version", evaluator.runner_info().version}});
  options_.interrupted = interrupted;
  options_.phase = final_.phase;
}

}  // namespace nitro::cli
