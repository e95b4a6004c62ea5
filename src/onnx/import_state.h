#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "ir/graph.h"
#include "onnx/convert_tensor.h"

namespace nitro::onnx {

/// What importing one model shares between its nodes.
class ImportState {
 public:
  explicit ImportState(const FileDescriptor& folder, std::shared_ptr<const void> owner = {},
                       const Limits& limits = {})
      : tensors{folder, std::move(owner), notes, limits} {}

  Graph graph;
  std::unordered_map<std::string, ValueId> values;  // by tensor name
  std::vector<std::string> notes;
  TensorSource tensors;

  // Of the node under import.
  std::vector<OriginId> origins;
};

}  // namespace nitro::onnx
