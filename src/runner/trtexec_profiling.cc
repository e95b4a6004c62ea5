#include "runner/trtexec_profiling.h"

#include <cmath>

#include "trace/trtexec_profile.h"

namespace nitro::runner {
namespace {

/// What events of CUDA resolve, by its documentation.
constexpr int64_t kResolutionNs = 500;

Json node_json(const trace::EngineLayer& layer, double average_ms, size_t index) {
  Json json = Json::object();
  json["name"] = layer.name;
  json["op_type"] = layer.type;
  json["domain"] = "";
  json["index"] = index;
  json["inputs"] = Json::array_of(layer.inputs);
  json["outputs"] = Json::array_of(layer.outputs);
  json["durations_ns"] = Json::array({int64_t{std::llround(average_ms * 1e6)}});
  json["output_shapes"] = Json::array();
  json["provider"] = "cuda";
  json["layer"] = Json::object({{"type", layer.type},
                                {"tactic", layer.tactic},
                                {"onnx_nodes", Json::array_of(layer.onnx_nodes)}});
  return json;
}

}  // namespace

Result<Json> profile_by_trtexec(const TrtexecProgram& program, const std::filesystem::path& scratch,
                                std::vector<std::string> flags, int64_t iterations) {
  const std::filesystem::path profile_file = scratch / "profile.json";
  const std::filesystem::path layers_file = scratch / "layers.json";
  std::error_code none;
  for (const auto& file : {profile_file, layers_file}) std::filesystem::remove(file, none);
  const bool has_layers = program.version >= trace::TensorrtVersion{8, 2, 0};
  flags.insert(flags.end(), {"--exportProfile=" + profile_file.native(), "--separateProfileRun",
                             fmt::format("--iterations={}", iterations), "--duration=0",
                             "--noDataTransfers", "--useSpinWait"});
  if (has_layers) flags.push_back("--exportLayerInfo=" + layers_file.native());
  TRY(run_trtexec(program, flags, scratch));
  const trace::TrtexecProfile profile = TRY(trace::read_trtexec_profile(profile_file));
  std::vector<trace::EngineLayer> known;
  // Without them the layers' names have to do.
  if (auto read = trace::read_trtexec_layers(layers_file); has_layers && read)
    known = std::move(*read);
  std::vector<std::string> names;
  for (const trace::LayerTime& layer : profile.layers) names.push_back(layer.name);
  const std::vector<trace::EngineLayer> layers = trace::described(names, known);

  Json nodes = Json::array();
  double sum_ms = 0;
  for (size_t i = 0; i < layers.size(); ++i) {
    nodes.push_back(node_json(layers[i], profile.layers[i].average_ms, i));
    sum_ms += profile.layers[i].average_ms;
  }
  const Json sum = Json::array({int64_t{std::llround(sum_ms * 1e6)}});
  Json reply = Json::object();
  reply["nodes"] = std::move(nodes);
  reply["unseen"] = Json::array();
  reply["run_ns"] = sum;
  reply["execute_ns"] = sum;
  reply["resolution_ns"] = kResolutionNs;
  reply["host_launch_times"] = false;
  reply["averaged_runs"] = profile.count;
  reply["gpu_roofs_error"] = "trtexec measures no ceilings of the GPU";
  return reply;
}

trace::EngineLayer engine_layer(const Json& node) {
  const Json& layer = node.at("layer");
  const auto texts = [](const Json& list) {
    std::vector<std::string> words;
    for (const Json& word : list.items()) words.push_back(word.as_string());
    return words;
  };
  return {node.at("name").as_string(), layer.at("type").as_string(), layer.at("tactic").as_string(),
          texts(node.at("inputs")),    texts(node.at("outputs")),    texts(layer.at("onnx_nodes"))};
}

}  // namespace nitro::runner
