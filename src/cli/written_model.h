#pragma once

#include <filesystem>
#include <string_view>

#include "cli/console.h"
#include "ir/graph.h"
#include "onnx/export_target.h"

namespace nitro::cli {

/// Writes `graph` as ONNX to `path` ("-": stdout) and says so: file, nodes and parameters. `extra`
/// members go into the document. `target`: as export_model() takes it.
Result<void> write_graph(Console& console, const Graph& graph, const std::filesystem::path& path,
                         bool force, Json extra = Json::object(),
                         const onnx::ExportTarget* target = nullptr);

}  // namespace nitro::cli
