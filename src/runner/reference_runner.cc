#include "runner/reference_runner.h"

#include <sys/utsname.h>

#include <chrono>
#include <thread>

#include "base/text.h"
#include "reference/executor.h"
#include "runner/fields.h"
#include "runner/npy.h"
#include "runner/reference_profile.h"
#include "runner/server.h"

namespace nitro::runner {
namespace {

Json machine_record() {
  utsname system{};
  ::uname(&system);
  Json record = Json::object();
  record["cpu"] = system.machine;
  record["cores"] = static_cast<int64_t>(std::thread::hardware_concurrency());
  record["os"] = system.sysname;
  record["kernel"] = system.release;
  return record;
}

Json values_json(const Graph& graph, const std::vector<ValueId>& ids) {
  Json list = Json::array();
  for (const ValueId id : ids) {
    Json value = Json::object();
    value["name"] = graph.value(id).name;
    value["dtype"] = name(graph.type(id).dtype);
    value["shape"] = Json::array_of(graph.type(id).shape);
    list.push_back(std::move(value));
  }
  return list;
}

Result<TimeRules> parse_rules(const Json& request) {
  TimeRules rules;
  const auto read = [&](std::string_view key, int64_t& value) -> Result<void> {
    if (request.contains(key)) value = TRY(integer_field(request, key, 0));
    return {};
  };
  TRY(read("warmup_ns", rules.warmup_ns));
  TRY(read("max_warmup_ns", rules.max_warmup_ns));
  TRY(read("min_samples", rules.min_samples));
  TRY(read("max_samples", rules.max_samples));
  TRY(read("min_ns", rules.min_ns));
  TRY(read("max_ns", rules.max_ns));
  rules.half_width = request.at("half_width").as_number();
  return rules;
}

Json timing_json(const Timing& timing) {
  Json warmup = Json::object();
  warmup["frames"] = timing.warmup_frames;
  warmup["ns"] = timing.warmup_ns;
  warmup["stable"] = timing.warmup_stable;
  Json json = Json::object();
  json["samples_ns"] = Json::array_of(timing.samples_ns);
  json["stamps_ns"] = Json::array_of(timing.stamps_ns);
  json["cold_ns"] = timing.cold_ns ? Json(*timing.cold_ns) : Json();
  json["warmup"] = std::move(warmup);
  return json;
}

}  // namespace

Result<Json> ReferenceRunner::answer(std::string_view verb, const Json& request) {
  if (verb == "hello") return hello(request);
  if (scratch_.empty()) {
    return fail(ErrorCode::kUsage, "hello, with the scratch folder, comes first");
  }
  if (verb == "load") return load(request);
  if (verb == "run") return run(request);
  if (verb == "time") return time(request);
  if (verb == "profile") return profile(request);
  if (verb == "unload") return unload(request);
  return fail(ErrorCode::kUsage, "unknown verb '{}'", display(verb, 40));
}

Result<Json> ReferenceRunner::hello(const Json& request) {
  scratch_ = TRY(text_field(request, "scratch"));
  Json device = Json::object();
  device["provider"] = "cpu";
  device["name"] = "plain loops";
  Json reply = Json::object();
  reply["runner"] = "reference";
  reply["version"] = "1";
  reply["protocol"] = kProtocol;
  reply["environment"] = machine_record();
  reply["devices"] = Json::array({device});
  reply["capabilities"] = Json::array({"run", "time", "profile", "interleave"});
  return reply;
}

Result<Json> ReferenceRunner::load(const Json& request) {
  const std::string model = TRY(text_field(request, "model"));
  if (request.contains("provider") && request.at("provider").as_string() != "cpu") {
    return fail(ErrorCode::kEnvironment, "the reference has only the provider cpu");
  }
  onnx::ImportOptions options;
  for (const auto& [input, shape] : request.at("shapes").members()) {
    options.shapes[input] = TRY(integers_field(request.at("shapes"), input, 0));
  }
  const auto begin = std::chrono::steady_clock::now();
  onnx::ImportedModel imported = TRY(onnx::import_model(model, options));
  const auto load_time = std::chrono::steady_clock::now() - begin;
  const Graph& graph = (models_[next_handle_] = std::move(imported)).graph;
  fresh_.insert(next_handle_);
  Json reply = Json::object();
  reply["handle"] = next_handle_++;
  reply["inputs"] = values_json(graph, graph.inputs());
  reply["outputs"] = values_json(graph, graph.outputs());
  reply["load_ns"] = int64_t{std::chrono::nanoseconds(load_time).count()};
  return reply;
}

Result<ReferenceRunner::BoundCall> ReferenceRunner::bind(const Json& call) const {
  const Handle handle = TRY(integer_field(call, "handle", 1));
  const auto found = models_.find(handle);
  if (found == models_.end()) return fail(ErrorCode::kUsage, "no model has handle {}", handle);
  const Graph& graph = found->second.graph;
  BoundCall bound{&found->second, {}};
  const Json& inputs = *TRY(object_field(call, "inputs"));
  for (const ValueId id : graph.inputs()) {
    const std::string& input = graph.value(id).name;
    if (!inputs.at(input).is_string()) {
      return fail(ErrorCode::kShapeMismatch, "the input '{}' is missing", display(input));
    }
    bound.inputs.push_back(TRY(read_npy(inputs.at(input).as_string())));
  }
  return bound;
}

Result<Json> ReferenceRunner::run(const Json& request) {
  const BoundCall bound = TRY(bind(request));
  fresh_.erase(request.at("handle").as_integer());
  const Graph& graph = bound.model->graph;
  const std::vector<Tensor> tensors = TRY(reference::execute(graph, bound.inputs));
  Json outputs = Json::object();
  for (size_t i = 0; i < tensors.size(); ++i) {
    const std::filesystem::path path = scratch_ / fmt::format("out-{}.npy", next_file_++);
    TRY(write_npy(path, tensors[i]));
    outputs[graph.value(graph.outputs()[i]).name] = path.native();
  }
  Json reply = Json::object();
  reply["outputs"] = std::move(outputs);
  return reply;
}

Result<Frame> ReferenceRunner::frame(const Json& variant, bool& cold) {
  const Json& calls = *TRY(array_field(variant, "calls"));
  if (calls.size() == 0) return fail(ErrorCode::kUsage, "a workload needs a call");
  std::vector<BoundCall> bound;
  for (const Json& call : calls.items()) {
    bound.push_back(TRY(bind(call)));
    cold = fresh_.erase(call.at("handle").as_integer()) > 0 || cold;
  }
  return [bound = std::move(bound)]() -> Result<void> {
    for (const BoundCall& call : bound) TRY(reference::execute(call.model->graph, call.inputs));
    return {};
  };
}

Result<Json> ReferenceRunner::time(const Json& request) {
  const TimeRules rules = TRY(parse_rules(request));
  const bool single = !request.contains("variants");
  const Json variants = single ? Json::array({request}) : *TRY(array_field(request, "variants"));
  std::vector<Frame> frames;
  std::vector<bool> cold;
  for (const Json& variant : variants.items()) {
    bool is_cold = false;
    frames.push_back(TRY(frame(variant, is_cold)));
    cold.push_back(is_cold);
  }
  if (frames.empty()) return fail(ErrorCode::kUsage, "nothing to time");
  forget_stop();
  const TimeReply timed = TRY(sample_frames(frames, cold, rules, stop_wanted));
  Json reply = single ? timing_json(timed.variants[0]) : Json::object();
  if (!single) {
    Json list = Json::array();
    for (const Timing& timing : timed.variants) list.push_back(timing_json(timing));
    reply["variants"] = std::move(list);
  }
  reply["stopped_by"] = timed.stopped_by;
  return reply;
}

Result<Json> ReferenceRunner::profile(const Json& request) {
  const int64_t iterations = TRY(integer_field(request, "iterations", 1));
  const BoundCall bound = TRY(bind(request));
  fresh_.erase(request.at("handle").as_integer());
  return profile_reference(*bound.model, bound.inputs, iterations);
}

Result<Json> ReferenceRunner::unload(const Json& request) {
  const Handle handle = TRY(integer_field(request, "handle", 1));
  if (models_.erase(handle) == 0) return fail(ErrorCode::kUsage, "no model has handle {}", handle);
  fresh_.erase(handle);
  return Json::object();
}

int serve_reference() {
  ReferenceRunner runner;
  return serve(
      [&](std::string_view verb, const Json& request) { return runner.answer(verb, request); });
}

}  // namespace nitro::runner
