#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "onnx/limits.h"

namespace nitro::onnx {

struct ImportOptions {
  /// Dimensions for inputs that have free ones.
  std::map<std::string, Shape> shapes;
  /// Inputs to be treated as constants with these values.
  std::map<std::string, Tensor> values;
  Limits limits;
};

/// One node of the model file as it is written there, for joining what runtimes report about it.
struct ModelNode {
  std::string name;  // "OpType_index" where the file gives none
  std::string op_type;
  std::string domain;
  std::vector<Origin> origins;  // itself, or what Nitro recorded when it wrote the file
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  // The IR nodes it was lowered to: [first, last). Empty where it was folded away.
  NodeId first = 0;
  NodeId last = 0;
};

struct ImportedModel {
  Graph graph;
  std::vector<ModelNode> nodes;  // in execution order
  int64_t opset = 0;             // of the standard domain
  std::string producer;
  std::vector<std::string> notes;
};

/// Reads an ONNX file into the IR. Operators that Nitro does not know become Opaque. Fails with a
/// bad-input code and a sentence naming the file and the node or tensor.
Result<ImportedModel> import_model(const std::filesystem::path& path,
                                   const ImportOptions& options = {});

}  // namespace nitro::onnx
