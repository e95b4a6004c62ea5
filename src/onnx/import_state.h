#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/file.h"
#include "ir/graph.h"

namespace nitro::onnx {

/// What importing one model shares between its nodes.
class ImportState {
 public:
  explicit ImportState(const FileDescriptor& model_folder) : folder(model_folder) {}

  Graph graph;
  std::unordered_map<std::string, ValueId> values;  // by tensor name
  std::vector<std::string> notes;
  const FileDescriptor& folder;

  // Of the node under import.
  std::vector<OriginId> origins;
};

}  // namespace nitro::onnx
