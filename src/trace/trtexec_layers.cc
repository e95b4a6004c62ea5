#include "trace/trtexec_layers.h"

#include <map>

#include "trace/lenient_json.h"

namespace nitro::trace {
namespace {

std::vector<std::string> tensor_names(const Json& list) {
  std::vector<std::string> names;
  for (const Json& tensor : list.items()) names.push_back(tensor.at("Name").as_string());
  return names;
}

/// Of "[ONNX Layer: a]\x1e[ONNX Layer: b]", where \x1f may separate as well.
std::vector<std::string> onnx_nodes(const std::string& metadata) {
  constexpr std::string_view kOpen = "[ONNX Layer: ";
  std::vector<std::string> names;
  for (size_t begin = 0; begin < metadata.size();) {
    const size_t end = std::min(metadata.find_first_of("\x1e\x1f", begin), metadata.size());
    const std::string_view part = std::string_view(metadata).substr(begin, end - begin);
    if (part.starts_with(kOpen) && part.ends_with(']'))
      names.emplace_back(part.substr(kOpen.size(), part.size() - kOpen.size() - 1));
    begin = end + 1;
  }
  return names;
}

}  // namespace

Result<std::vector<EngineLayer>> parse_trtexec_layers(const Json& json) {
  if (!json.at("Layers").is_array())
    return fail(ErrorCode::kBadFile, "the layers of trtexec have no array 'Layers'");
  std::vector<EngineLayer> layers;
  for (const Json& item : json.at("Layers").items()) {
    const Json& name = item.is_string() ? item : item.at("Name");
    if (!name.is_string())
      return fail(ErrorCode::kBadFile, "layer {} of trtexec has no name", layers.size());
    layers.push_back({name.as_string(), item.at("LayerType").as_string(),
                      item.at("TacticName").as_string(), tensor_names(item.at("Inputs")),
                      tensor_names(item.at("Outputs")),
                      onnx_nodes(item.at("Metadata").as_string())});
  }
  return layers;
}

Result<std::vector<EngineLayer>> read_trtexec_layers(const std::filesystem::path& path) {
  const Json json = TRY(read_lenient_json(path));
  return parse_trtexec_layers(json);
}

std::vector<EngineLayer> described(const std::vector<std::string>& names,
                                   const std::vector<EngineLayer>& layers) {
  std::multimap<std::string_view, const EngineLayer*> known;  // equal names stay in order
  for (const EngineLayer& layer : layers) known.emplace(layer.name, &layer);
  std::vector<EngineLayer> result;
  for (const std::string& name : names) {
    const auto found = known.find(name);
    result.push_back(found == known.end() ? EngineLayer{name} : *found->second);
    if (found != known.end()) known.erase(known.lower_bound(name));
  }
  return result;
}

}  // namespace nitro::trace
