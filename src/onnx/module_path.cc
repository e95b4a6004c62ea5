#include "onnx/module_path.h"

#include <onnx-ml.pb.h>

#include <vector>

#include "base/text.h"

namespace nitro::onnx {

std::string module_path_of_name(std::string_view name) {
  if (!name.starts_with('/')) return {};
  const std::vector<std::string_view> parts = split(name.substr(1), '/');
  std::string path;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const bool absorbed = i + 2 < parts.size() && parts[i + 1].starts_with(parts[i]) &&
                          parts[i + 1].substr(parts[i].size()).starts_with('.');
    if (absorbed || parts[i].empty()) continue;
    if (!path.empty()) path += '.';
    path += parts[i];
  }
  return path;
}

std::string module_path_of_scopes(std::string_view scopes) {
  std::vector<std::string_view> names;
  while (true) {
    const size_t open = scopes.find('\'');
    if (open == std::string_view::npos) break;
    const size_t close = scopes.find('\'', open + 1);
    if (close == std::string_view::npos) break;
    names.push_back(scopes.substr(open + 1, close - open - 1));
    scopes.remove_prefix(close + 1);
  }
  return names.size() < 2 ? std::string() : std::string(names[names.size() - 2]);
}

std::string module_path_of_namespace(std::string_view text) {
  const std::vector<std::string_view> scopes = split(text, '/');
  if (scopes.size() < 2) return {};
  const std::string_view scope = scopes[scopes.size() - 2];
  return std::string(scope.substr(0, scope.find(':')));
}

std::string module_path(const ::onnx::NodeProto& node) {
  const std::string* name_scopes = nullptr;
  const std::string* name_space = nullptr;
  for (const auto& entry : node.metadata_props()) {
    if (entry.key() == "nitro.module") return entry.value();
    if (entry.key() == "pkg.torch.onnx.name_scopes") name_scopes = &entry.value();
    if (entry.key() == "namespace") name_space = &entry.value();
  }
  if (name_scopes) return module_path_of_scopes(*name_scopes);
  if (name_space) return module_path_of_namespace(*name_space);
  return module_path_of_name(node.name());
}

}  // namespace nitro::onnx
