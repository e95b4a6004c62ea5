#pragma once

#include <onnx-ml.pb.h>

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ir/graph.h"

namespace nitro::onnx {

/// What exporting one graph shares between its nodes.
class ExportState {
 public:
  ::onnx::ModelProto model;
  std::vector<std::string> value_names;   // by ValueId; "" for a result that nobody reads
  std::unordered_set<std::string> taken;  // tensor names in use
  std::unordered_set<std::string> node_names;
  std::unordered_map<std::string, std::string> aliases;  // made for subgraphs, to tensor names
  bool uses_contrib = false;
  int next_fresh = 0;

  /// `wanted`, or a variation that is not taken.
  static std::string unique(std::unordered_set<std::string>& names, std::string wanted) {
    std::string name = wanted;
    for (int i = 1; !names.insert(name).second; ++i) name = wanted + "_" + std::to_string(i);
    return name;
  }
};

}  // namespace nitro::onnx
