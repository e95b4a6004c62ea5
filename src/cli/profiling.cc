#include "cli/profiling.h"

#include <ctime>

#include "base/text.h"
#include "base/version.h"
#include "measure/roof_cache.h"
#include "optimize/result_document.h"
#include "runner/registry.h"

namespace nitro::cli {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

/// For a shell, in quotes where it would not be one plain word.
std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string command_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

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
  auto runner = TRY(runner::start_runner(options.setup.runner, {options.setup.python, {}}));
  const runner::RunnerInfo info = runner.info();
  TRY(runner.bye());

  const optimize::Frame frame{"model", options.model.file,
                              options.workload.inputs(graph, graph, optimize::InputKind::kNatural)};
  const auto samples = TRY(optimize::measure_frames({frame}, options.setup, options.measuring));
  const bool interrupted = options.interrupted();
  if (samples[0].repetitions.empty()) return fail(ErrorCode::kInterrupted, "interrupted");
  options.phase("profiling layer by layer");
  const runner::NodeProfile nodes =
      TRY(optimize::profile_frame(frame, options.setup, options.profile_iterations));
  const optimize::MeasuredModel measured{
      samples[0], profile::build_profile(nodes, {options.model.model, roofs, threads,
                                                 optimize::usable_cache_bytes(environment, threads),
                                                 optimize::median_of(samples[0]),
                                                 static_cast<double>(frame.calls.size())})};

  std::vector<measure::QualityNote> notes = measure::quality_notes(environment);
  measure::merge(notes, measure::quality_notes(roofs));
  measure::merge(notes, sampling_notes(samples[0], interrupted));
  measure::merge(notes, measured.profile.notes);

  Json json = Json::object();
  json["schema_version"] = 1;
  json["kind"] = "profile";
  json["interrupted"] = interrupted;
  json["nitro_version"] = kVersion;
  json["created"] = utc_now();
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
  json["reproduce"] = Json::array({command_line(options.command)});
  return json;
}

}  // namespace nitro::cli
