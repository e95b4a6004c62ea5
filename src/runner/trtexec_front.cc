#include "runner/trtexec_front.h"

#include <algorithm>
#include <cstdlib>

#include "runner/fields.h"
#include "runner/ssh_runner.h"
#include "runner/trtexec_profiling.h"
#include "runner/trtexec_runner.h"
#include "runner/wanted_precision.h"

namespace nitro::runner {
namespace {

/// "Conv+Relu": of the nodes that do something, each once.
std::string joined_types(const TensorrtModel& model, const std::vector<size_t>& nodes) {
  constexpr size_t kMostTypes = 4;
  std::vector<std::string_view> types;
  for (const size_t node : nodes) {
    const std::string_view type = model.op_types[node];
    if (type != "Constant" && std::ranges::find(types, type) == types.end()) types.push_back(type);
  }
  std::string joined;
  for (size_t i = 0; i < std::min(types.size(), kMostTypes); ++i)
    joined += (i == 0 ? "" : "+") + std::string(types[i]);
  return types.size() > kMostTypes ? joined + "+…" : joined;
}

/// "Shuffle" of "(Unnamed Layer* 3) [Shuffle]", which is all that there is before 8.2.
std::string_view type_in_name(std::string_view name) {
  const size_t open = name.rfind('[');
  if (!name.starts_with("(Unnamed Layer") || open == std::string_view::npos) return "Unknown";
  return name.substr(open + 1, name.find(']', open) - open - 1);
}

std::string op_type(const trace::LayerNodes& layer, const TensorrtModel& model, const Json& node) {
  switch (layer.kind) {
    case trace::LayerKind::kReformat:
      return "Reformat";
    case trace::LayerKind::kCopy:
      return "Copy";
    case trace::LayerKind::kForeign:
      return "ForeignNode";
    case trace::LayerKind::kNodes:
      return joined_types(model, layer.nodes);
    case trace::LayerKind::kUnknown:
      break;
  }
  const std::string& type = node.at("op_type").as_string();
  return type.empty() ? std::string(type_in_name(node.at("name").as_string())) : type;
}

/// The node with what the layer is in the model.
Json explained(const Json& node, const trace::LayerNodes& layer, const TensorrtModel& model) {
  std::vector<std::string> origins;
  for (const size_t covered : layer.nodes)
    origins.insert(origins.end(), model.origins[covered].begin(), model.origins[covered].end());
  Json json = Json::object();
  for (const auto& [key, value] : node.members()) {
    if (key != "layer") json[key] = value;
  }
  json["op_type"] = op_type(layer, model, node);
  json["origins"] = Json::array_of(origins);
  json["kernel"] = Json::object(
      {{"type", node.at("layer").at("type")}, {"tactic", node.at("layer").at("tactic")}});
  return json;
}

}  // namespace

Result<Json> TrtexecFront::answer(std::string_view verb, const Json& request) {
  if (verb == "hello") return hello(request);
  if (verb == "load") return load(request);
  if (verb == "profile") return profile(request);
  if (verb == "unload") models_.erase(request.at("handle").as_integer());
  return there_(verb, request);
}

Result<Json> TrtexecFront::hello(const Json& request) {
  scratch_ = TRY(text_field(request, "scratch"));
  precision_ = TRY(wanted_precision()) == plan::Precision::kF16 ? "f16" : "f32";
  Json reply = TRY(there_("hello", request));
  const auto version =
      trace::parse_tensorrt_version(reply.at("environment").at("tensorrt").as_string());
  if (!version) return fail(ErrorCode::kRunnerFailed, "the version of TensorRT was not said");
  version_ = *version;
  reply["environment"]["precision"] = precision_;
  reply["environment"]["written_for"] = tensorrt_target(version_);
  return reply;
}

Result<Json> TrtexecFront::load(const Json& request) {
  if (request.contains("provider") && request.at("provider").as_string() != "cuda")
    return fail(ErrorCode::kEnvironment, "the runner trtexec has only the provider cuda");
  const auto shapes = TRY(shapes_field(request));
  const std::filesystem::path file = scratch_ / fmt::format("model-{}.onnx", next_file_++);
  TensorrtModel model =
      TRY(write_tensorrt_model(TRY(text_field(request, "model")), shapes, version_, file));
  const Json reply = TRY(there_("load", Json::object({{"model", file.native()},
                                                      {"precision", precision_},
                                                      {"inputs", model.inputs},
                                                      {"outputs", model.outputs}})));
  models_[TRY(integer_field(reply, "handle", 1))] = std::move(model);
  return reply;
}

Result<Json> TrtexecFront::profile(const Json& request) {
  Json reply = TRY(there_("profile", request));
  const auto model = models_.find(TRY(integer_field(request, "handle", 1)));
  if (model == models_.end()) return fail(ErrorCode::kUsage, "no model has this handle");
  const std::vector<Json>& nodes = TRY(array_field(reply, "nodes"))->items();
  std::vector<trace::EngineLayer> layers;
  for (const Json& node : nodes) layers.push_back(engine_layer(node));
  const auto covered = trace::nodes_of_layers(layers, model->second.nodes);
  Json known = Json::array();
  for (size_t i = 0; i < nodes.size(); ++i)
    known.push_back(explained(nodes[i], covered[i], model->second));
  reply["nodes"] = std::move(known);
  return reply;
}

int serve_trtexec_front() {
  const char* board = std::getenv("NITRO_SSH");
  SshRunner remote(BoardEngine::kTrtexec);
  TrtexecRunner local;
  const bool is_remote = board != nullptr && *board != '\0';
  TrtexecFront front([&](std::string_view verb, const Json& request) {
    return is_remote ? remote.answer(verb, request) : local.answer(verb, request);
  });
  return serve_runner(front);
}

}  // namespace nitro::runner
