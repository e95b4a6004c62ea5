#include "runner/reference_runner.h"

#include <chrono>

#include "base/text.h"
#include "reference/executor.h"
#include "runner/fields.h"
#include "runner/machine_record.h"
#include "runner/npy.h"
#include "runner/reference_profile.h"
#include "runner/served_time.h"
#include "runner/server.h"

namespace nitro::runner {
namespace {

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
  if (verb == "unload") return models_.unload(request);
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
  const std::string file = TRY(text_field(request, "model"));
  if (request.contains("provider") && request.at("provider").as_string() != "cpu") {
    return fail(ErrorCode::kEnvironment, "the reference has only the provider cpu");
  }
  onnx::ImportOptions options;
  options.shapes = TRY(shapes_field(request));
  const auto begin = std::chrono::steady_clock::now();
  onnx::ImportedModel imported = TRY(onnx::import_model(file, options));
  const auto load_time = std::chrono::steady_clock::now() - begin;
  const auto [handle, model] = models_.add(std::move(imported));
  const Graph& graph = model->graph;
  Json reply = Json::object();
  reply["handle"] = handle;
  reply["inputs"] = values_json(graph, graph.inputs());
  reply["outputs"] = values_json(graph, graph.outputs());
  reply["load_ns"] = int64_t{std::chrono::nanoseconds(load_time).count()};
  return reply;
}

Result<ReferenceRunner::BoundCall> ReferenceRunner::bind(const Json& call) {
  BoundCall bound{TRY(models_.of(call)), {}};
  const Graph& graph = bound.model->graph;
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
  models_.run(request);
  const Graph& graph = bound.model->graph;
  const std::vector<Tensor> tensors = TRY(reference::execute(graph, bound.inputs));
  Json outputs = Json::object();
  for (size_t i = 0; i < tensors.size(); ++i) {
    const std::filesystem::path path = scratch_ / fmt::format("out-{}.npy", next_file_++);
    TRY(write_npy(path, tensors[i], Flush::kLater));
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
    cold |= models_.run(call);
  }
  return [bound = std::move(bound)]() -> Result<void> {
    for (const BoundCall& call : bound) TRY(reference::execute(call.model->graph, call.inputs));
    return {};
  };
}

Result<Json> ReferenceRunner::time(const Json& request) {
  return answer_time(request,
                     [this](const Json& variant, bool& cold) { return frame(variant, cold); });
}

Result<Json> ReferenceRunner::profile(const Json& request) {
  const int64_t iterations = TRY(integer_field(request, "iterations", 1));
  const BoundCall bound = TRY(bind(request));
  models_.run(request);
  return profile_reference(*bound.model, bound.inputs, iterations);
}

int serve_reference() {
  ReferenceRunner runner;
  return serve_runner(runner);
}

}  // namespace nitro::runner
