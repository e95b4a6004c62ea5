#include "runner/protocol.h"

namespace nitro::runner {
namespace {

Json call_json(const Call& call) {
  Json inputs = Json::object();
  for (const auto& [name, path] : call.inputs) inputs[name] = path.native();
  Json result = Json::object();
  result["handle"] = call.handle;
  result["inputs"] = std::move(inputs);
  return result;
}

}  // namespace

Json hello_request(const std::filesystem::path& scratch) {
  Json request = Json::object();
  request["protocol"] = kProtocol;
  request["scratch"] = scratch.native();
  return request;
}

Json load_request(const std::filesystem::path& model, const LoadOptions& options) {
  Json request = Json::object();
  request["model"] = model.native();
  request["threads"] = options.threads;
  request["graph_level"] = options.graph_level;
  request["provider"] = options.provider;
  request["spin"] = options.spin;
  Json shapes = Json::object();
  for (const auto& [name, shape] : options.shapes) shapes[name] = Json::array_of(shape);
  request["shapes"] = std::move(shapes);
  return request;
}

Json run_request(const Call& call) { return call_json(call); }

Json time_request(const std::vector<Workload>& variants, const TimeRules& rules) {
  Json list = Json::array();
  for (const Workload& workload : variants) {
    Json calls = Json::array();
    for (const Call& call : workload) calls.push_back(call_json(call));
    Json variant = Json::object();
    variant["calls"] = std::move(calls);
    list.push_back(std::move(variant));
  }
  Json request = Json::object();
  request["variants"] = std::move(list);
  request["warmup_ns"] = rules.warmup_ns;
  request["max_warmup_ns"] = rules.max_warmup_ns;
  request["min_samples"] = rules.min_samples;
  request["max_samples"] = rules.max_samples;
  request["min_ns"] = rules.min_ns;
  request["max_ns"] = rules.max_ns;
  request["half_width"] = rules.half_width;
  return request;
}

Json profile_request(const Call& call, int64_t iterations, bool times_only) {
  Json request = call_json(call);
  request["iterations"] = iterations;
  if (times_only) request["times_only"] = true;
  return request;
}

Json unload_request(Handle handle) {
  Json request = Json::object();
  request["handle"] = handle;
  return request;
}

}  // namespace nitro::runner
