#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"

namespace nitro::trace {

/// A layer of an engine, as much as is known of it.
struct EngineLayer {
  std::string name;
  std::string type = {};                 // "CaskConvolution"
  std::string tactic = {};               // the kernel's name
  std::vector<std::string> inputs = {};  // tensors
  std::vector<std::string> outputs = {};
  std::vector<std::string> onnx_nodes = {};  // which TensorRT says that it is of, from 8.6 on
};

/// The layers of trtexec --exportLayerInfo, which are only names for an engine that was not built
/// with --profilingVerbosity=detailed. Fails with kBadFile.
Result<std::vector<EngineLayer>> parse_trtexec_layers(const Json& json);
Result<std::vector<EngineLayer>> read_trtexec_layers(const std::filesystem::path& path);

/// Each of `names` with what `layers` know of it: by name, and among equal names by order.
std::vector<EngineLayer> described(const std::vector<std::string>& names,
                                   const std::vector<EngineLayer>& layers);

}  // namespace nitro::trace
