#include "ir/common_module.h"

#include <string_view>

#include "base/text.h"

namespace nitro {

std::string common_module(const std::vector<std::string>& paths) {
  if (paths.empty()) return {};
  std::vector<std::string_view> common = split(paths[0], '.');
  for (const std::string& path : paths) {
    const std::vector<std::string_view> parts = split(path, '.');
    size_t same = 0;
    while (same < common.size() && same < parts.size() && common[same] == parts[same]) ++same;
    common.resize(same);
  }
  std::string joined;
  for (std::string_view part : common) {
    if (!joined.empty()) joined += '.';
    joined += part;
  }
  return joined;
}

std::string common_module(const std::vector<OriginId>& ids, const std::vector<Origin>& origins) {
  std::vector<std::string> paths;
  for (const OriginId id : ids) paths.push_back(origins[id].module);
  return common_module(paths);
}

}  // namespace nitro
