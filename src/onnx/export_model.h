#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "onnx/encoded_model.h"
#include "onnx/export_target.h"

namespace nitro::onnx {

/// The graph as an ONNX model (opset kExportOpset, com.microsoft where the standard lacks an op).
/// Each node keeps its origins in metadata ("nitro.origins", "nitro.module"), and its values their
/// names where unique. Fails with kLimitExceeded above 2 GiB.
/// With a target: in its opset, and with kUnsupportedOp where it does not take what was written.
Result<EncodedModel> export_model(const Graph& graph, const ExportTarget* target = nullptr);

/// The names that export_model() gives to the values, by ValueId; "" for a result that nobody
/// reads.
std::vector<std::string> exported_names(const Graph& graph);

/// export_model() written atomically. Only the messages need memory, the weights are written from
/// where they are.
Result<void> write_model(const Graph& graph, const std::filesystem::path& path);

}  // namespace nitro::onnx
