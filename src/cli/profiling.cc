#include "cli/profiling.h"

#include "base/shell_line.h"
#include "base/version.h"
#include "measure/roof_cache.h"
#include "optimize/explain_frame.h"
#include "optimize/probe_clocks.h"
#include "optimize/result_document.h"
#include "runner/board_notes.h"

namespace nitro::cli {
namespace {

std::vector<measure::QualityNote> sampling_notes(const optimize::FrameSamples& samples,
                                                 bool interrupted) {
  std::vector<measure::QualityNote> notes;
  if (!samples.warmed_up) notes.push_back({measure::QualityCode::kNotWarmedUp, ""});
  if (interrupted) notes.push_back({measure::QualityCode::kInterrupted, ""});
  return notes;
}

}  // namespace

Result<Json> profile_model(const ProfilingOptions& options) {
  const measure::Environment environment = measure::read_environment();
  const Graph& graph = options.model.model.graph;
  const auto threads = static_cast<int>(options.setup.load.threads);
  options.phase("measuring the roofs of this machine");
  const measure::Roofs roofs = measure::machine_roofs();
  auto runner = TRY(optimize::start_runner(options.setup));
  const runner::RunnerInfo info = runner.info();
  if (options.probe_clocks) TRY(optimize::ask_clocks(runner));  // before anything takes long
  TRY(runner.bye());

  const optimize::Frame frame{
      "model", options.model.file,
      options.workload.inputs(graph, graph, options.workload.measured_kind())};
  const auto samples = TRY(optimize::measure_frames({frame}, options.setup, options.measuring));
  options.phase("profiling layer by layer");
  auto profile =
      TRY(optimize::explain_frame(frame, options.model.model, optimize::median_of(samples[0]),
                                  {options.setup, environment, roofs, options.profile_iterations}));
  if (options.probe_clocks) {
    profile.clock_probe = TRY(
        optimize::probe_clocks(frame, {options.setup, options.profile_iterations, options.phase}));
  }
  const optimize::MeasuredModel measured{samples[0], std::move(profile)};
  const bool interrupted = options.setup.interrupted();

  std::vector<measure::QualityNote> notes = runner::machine_notes(info, environment);
  measure::merge(notes, measure::quality_notes(roofs));
  measure::merge(notes, sampling_notes(samples[0], interrupted));
  measure::merge(notes, measured.profile.notes);
  if (measured.profile.clock_probe) measure::merge(notes, measured.profile.clock_probe->notes);

  Json json = Json::object();
  json["schema_version"] = 1;
  json["kind"] = "profile";
  json["interrupted"] = interrupted;
  json["nitro_version"] = kVersion;
  json["created"] = optimize::utc_now();
  json["command"] = Json::array_of(options.command);
  json["model"] = optimize::model_json(options.model);
  json["workload"] = optimize::workload_json(options.workload);
  json["runner"] = optimize::runner_json(info, options.setup);
  json["environment"] = optimize::environment_json(environment);
  json["roofs"] = optimize::roofs_json(roofs, threads);
  json["baseline"] = optimize::to_json(measured);
  for (const char* key : {"optimized", "comparison"}) {
    json[key] = Json();
  }
  json["numerics"] = Json::array();
  json["ledger"] = Json::array();
  json["recipe"] = "";
  json["quality_notes"] = measure::to_json(notes);
  json["reproduce"] = Json::array({shell_line(options.command)});
  return json;
}

}  // namespace nitro::cli
