#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "ir/shape.h"
#include "trace/tensorrt_names.h"
#include "trace/trtexec_log.h"

namespace nitro::runner {

/// An ONNX file written for a version of TensorRT.
struct TensorrtModel {
  Json inputs;  // as TrtexecEngine::load() takes them
  Json outputs;
  std::vector<trace::NetworkNode> nodes;
  std::vector<std::string> op_types;              // of each node
  std::vector<std::vector<std::string>> origins;  // of each node, names of nodes of the model
};

/// Writes `model` (an ONNX file, its free dimensions bound by `shapes`) to `file` in the operators
/// of that version, with inputs and outputs named so that trtexec's arguments can have them. Fails
/// with kUnsupportedOp, naming the nodes that it does not take, and with kUnsupportedDtype.
Result<TensorrtModel> write_tensorrt_model(const std::filesystem::path& model,
                                           const std::map<std::string, Shape>& shapes,
                                           const trace::TensorrtVersion& version,
                                           const std::filesystem::path& file);

/// The name of the export target (src/onnx/targets.toml) for a version from 8.0 on.
std::string_view tensorrt_target(const trace::TensorrtVersion& version);

}  // namespace nitro::runner
