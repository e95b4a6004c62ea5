#include "optimize/result_document.h"

#include <algorithm>
#include <ctime>

#include "base/file.h"
#include "base/sha256.h"
#include "measure/median.h"

namespace nitro::optimize {
namespace {

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

std::string file_sha256(const std::filesystem::path& path) {
  Sha256 hash;
  if (const auto content = read_file(path, uint64_t{1} << 31)) hash.add(*content);
  return to_hex(hash.finish());
}

Json values_json(const Graph& graph, const std::vector<ValueId>& ids) {
  Json list = Json::array();
  for (ValueId id : ids) {
    Json value = Json::object();
    value["name"] = graph.value(id).name;
    value["dtype"] = name(graph.type(id).dtype);
    value["shape"] = Json::array_of(graph.type(id).shape);
    list.push_back(std::move(value));
  }
  return list;
}

std::vector<double> all_samples(const FrameSamples& samples) {
  std::vector<double> all;
  for (const auto& repetition : samples.repetitions)
    all.insert(all.end(), repetition.begin(), repetition.end());
  return all;
}

}  // namespace

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::vector<double> repetition_medians(const FrameSamples& samples) {
  std::vector<double> result;
  for (const auto& repetition : samples.repetitions) {
    result.push_back(measure::median(std::vector<double>(repetition.begin(), repetition.end())));
  }
  return result;
}

double median_of(const FrameSamples& samples) {
  return measure::median(repetition_medians(samples));
}

Json summary_json(const FrameSamples& samples) {
  std::vector<double> values = repetition_medians(samples);
  Json json = Json::object();
  json["median_ns"] = measure::median(values);
  auto interval = measure::median_interval(values);
  if (!interval) interval = measure::median_interval(all_samples(samples));
  json["low_ns"] = interval ? Json(interval->low) : Json();
  json["high_ns"] = interval ? Json(interval->high) : Json();
  json["n"] = all_samples(samples).size();
  json["repetitions"] = samples.repetitions.size();
  json["stop_reason"] = samples.stopped_by;
  json["relative_half_width"] = interval ? Json(interval->relative_half_width()) : Json();
  return json;
}

/// Of a frame: the power of the whole machine while it runs, times its time.
Json energy_json(const FrameSamples& samples) {
  const double power = measure::median(samples.power_mw);
  const double idle = measure::median(samples.idle_power_mw);
  const double seconds = median_of(samples) / 1e9;
  return Json::object({{"power_mw", power},
                       {"idle_power_mw", idle},
                       {"frame_mj", power * seconds},
                       {"frame_net_mj", (power - idle) * seconds}});
}

Json to_json(const MeasuredModel& model) {
  Json repetitions = Json::array();
  for (const auto& repetition : model.samples.repetitions)
    repetitions.push_back(Json::array_of(repetition));
  Json json = Json::object();
  json["summary"] = summary_json(model.samples);
  json["samples_ns"] = std::move(repetitions);
  json["profile"] = profile::to_json(model.profile);
  if (!model.samples.power_mw.empty()) json["energy"] = energy_json(model.samples);
  return json;
}

Json to_json(const LedgerEntry& entry) {
  Json json = Json::object();
  const Step& first = entry.steps[0];
  json["pass"] = first.pass;
  json["kind"] =
      passes::name(is_lossy({entry.steps}) ? passes::PassKind::kLossy : passes::PassKind::kExact);
  json["changed"] = entry.changed;
  json["nodes_touched"] = entry.nodes_touched;
  json["predicted_gain_ns"] = entry.predicted_gain_ns ? Json(*entry.predicted_gain_ns) : Json();
  json["measured"] = Json();
  if (entry.measured) {
    Json measured = Json::object();
    measured["speedup"] = entry.measured->speedup;
    measured["low"] = entry.measured->low;
    measured["high"] = entry.measured->high;
    measured["verdict"] = measure::name(entry.measured->verdict);
    json["measured"] = std::move(measured);
  }
  json["kept"] = entry.kept && entry.changed;
  json["note"] = entry.note;
  return json;
}

Json model_json(const zoo::OpenedModel& opened) {
  const Graph& graph = opened.model.graph;
  const std::vector<uint32_t> uses = use_counts(graph);
  int64_t parameters = 0;
  for (ValueId id = 0; id < uses.size(); ++id) {
    const Tensor* constant = uses[id] > 0 ? graph.constant(id) : nullptr;
    if (constant && is_float(constant->dtype())) parameters += constant->elements();
  }
  Json json = Json::object();
  json["name"] = graph.name;
  json["source"] = opened.source;
  json["sha256"] = file_sha256(opened.file);
  json["parameters"] = parameters;
  json["nodes"] = opened.model.nodes.size();
  json["inputs"] = values_json(graph, graph.inputs());
  json["outputs"] = values_json(graph, graph.outputs());
  json["opset"] = opened.model.opset;
  return json;
}

Json workload_json(const Workload& workload) {
  Json json = Json::object();
  json["modalities"] = Json::array_of(workload.modalities);
  json["grey"] = Json::array_of(workload.grey);
  json["calls"] = workload.calls();
  json["given"] = Json::object();
  for (const GivenInput& input : workload.given) json["given"][input.name] = input.file;
  json["description"] = workload.description();
  return json;
}

Json runner_json(const runner::RunnerInfo& info, const RunSetup& setup) {
  Json json = Json::object();
  json["name"] = info.runner;
  json["version"] = info.version;
  json["threads"] = setup.load.threads;
  json["graph_level"] = setup.load.graph_level;
  json["provider"] = setup.load.provider;
  json["environment"] = info.environment.is_object() ? info.environment : Json::object();
  return json;
}

Json environment_json(const measure::Environment& environment) {
  Json json = measure::to_json(environment);
  json["cpu"] = environment.cpu_model;
  json["cores"] = int64_t{environment.processors};
  return json;
}

Json roofs_json(const measure::Roofs& roofs, int threads) {
  const measure::ThreadRoof& roof = roofs.at(threads);
  Json json = Json::object();
  json["threads"] = int64_t{threads};
  json["fp32_flops"] = roof.fp32_flops;
  json["int8_ops"] = or_null(roof.int8_ops);
  json["l1_bytes_per_s"] = or_null(roof.l1_bytes_per_s);
  json["l2_bytes_per_s"] = or_null(roof.l2_bytes_per_s);
  json["l3_bytes_per_s"] = or_null(roof.l3_bytes_per_s);
  json["dram_bytes_per_s"] = or_null(roof.dram_bytes_per_s);
  json["dispatch_ns"] = roofs.dispatch_ns;
  return json;
}

std::vector<int64_t> usable_cache_bytes(const measure::Environment& environment, int threads) {
  std::vector<int64_t> bytes(3, 0);
  for (const measure::CpuCache& cache : environment.caches) {
    if (cache.level < 1 || cache.level > 3) continue;
    const int64_t instances = std::max(1, threads / std::max(1, cache.shared_by));
    bytes[static_cast<size_t>(cache.level) - 1] = cache.bytes * instances;
  }
  return bytes;
}

}  // namespace nitro::optimize
