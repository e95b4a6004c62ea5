#pragma once

#include <onnx-ml.pb.h>

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/graph.h"
#include "onnx/export_node.h"
#include "onnx/unique_names.h"

namespace nitro::onnx {

/// What exporting one graph shares between its nodes.
class ExportState {
 public:
  ::onnx::ModelProto model;  // without initializers
  std::vector<std::pair<std::string, Tensor>> initializers;
  std::vector<std::string> value_names;  // by ValueId; "" for a result that nobody reads
  UniqueNames taken;                     // of tensors
  UniqueNames node_names;
  std::unordered_map<std::string, std::string> aliases;  // made for subgraphs, to tensor names
  std::map<std::string, int64_t> domains;  // opsets of those in use besides the standard one
  int next_fresh = 0;
  int64_t opset = kExportOpset;  // of the standard domain
};

}  // namespace nitro::onnx
