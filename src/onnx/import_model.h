#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "onnx/limits.h"

namespace nitro::onnx {

/// Runs the model in a file once, with inputs as those of `graph`, and says what types its outputs
/// have.
using TypesByRun = std::function<Result<std::map<std::string, TensorType>>(
    const std::filesystem::path& file, const Graph& graph)>;

struct ImportOptions {
  /// Dimensions for inputs that have free ones.
  std::map<std::string, Shape> shapes;
  /// What the first dimension of an input is where it is free and `shapes` do not say.
  std::optional<int64_t> batch = {};
  /// Inputs to be treated as constants with these values.
  std::map<std::string, Tensor> values;
  /// Where the file does not say what an Opaque node makes. Without it, that is an error.
  TypesByRun types_by_run;
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
  bool has_functions = false;  // that were inlined
  std::vector<std::string> notes;
};

/// Reads an ONNX file into the IR. Calls of its functions are inlined, and so is the branch of an
/// If whose condition is known; operators that Nitro does not know become Opaque. Fails with a
/// bad-input code and a sentence naming the file and the node or tensor.
Result<ImportedModel> import_model(const std::filesystem::path& path,
                                   const ImportOptions& options = {});

}  // namespace nitro::onnx
