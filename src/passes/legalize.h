#pragma once

#include "ir/graph.h"
#include "onnx/export_target.h"

namespace nitro::passes {

/// `graph` in operators of `target`: what it lacks is split into others, where there is a rule, and
/// what the splits leave is tidied up. Whether that is enough, onnx::export_model() says.
Result<Graph> legalize(const Graph& graph, const onnx::ExportTarget& target);

}  // namespace nitro::passes
