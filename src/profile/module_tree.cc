#include "profile/module_tree.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace nitro::profile {
namespace {

std::string parent_of(const std::string& path) {
  const size_t dot = path.rfind('.');
  return dot == std::string::npos ? std::string() : path.substr(0, dot);
}

/// Index of `path` in `modules`, made with its parents where missing.
int64_t find_or_add(const std::string& path, std::vector<Module>& modules,
                    std::map<std::string, int64_t>& index) {
  std::vector<std::string> missing;
  std::string at = path;
  while (!index.contains(at)) {
    missing.push_back(at);
    at = parent_of(at);
  }
  for (size_t i = missing.size(); i-- > 0;) {
    const int64_t parent = index.at(parent_of(missing[i]));
    index[missing[i]] = static_cast<int64_t>(modules.size());
    modules.push_back({missing[i], parent, 0, 0, 0});
  }
  return index.at(path);
}

}  // namespace

std::vector<Module> module_tree(const std::vector<Layer>& layers) {
  std::vector<Module> modules = {Module{}};
  std::map<std::string, int64_t> index = {{"", 0}};
  for (const Layer& layer : layers) {
    for (int64_t at = find_or_add(layer.module, modules, index); at >= 0;
         at = modules[static_cast<size_t>(at)].parent) {
      Module& module = modules[static_cast<size_t>(at)];
      module.time_ns += layer.time_ns;
      module.flops += layer.flops;
      module.bytes += layer.bytes;
    }
  }
  return modules;
}

}  // namespace nitro::profile
