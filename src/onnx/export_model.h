#pragma once

#include <filesystem>
#include <string>

#include "ir/graph.h"

namespace nitro::onnx {

/// The graph as an ONNX model (opset kExportOpset, com.microsoft where the standard lacks an op).
/// Each node keeps its origins in metadata ("nitro.origins", "nitro.module"), and its values their
/// names where unique. Fails with kLimitExceeded above 2 GiB.
Result<std::string> export_model(const Graph& graph);

/// export_model() written atomically.
Result<void> write_model(const Graph& graph, const std::filesystem::path& path);

}  // namespace nitro::onnx
