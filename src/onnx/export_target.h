#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace onnx {
class ModelProto;
}

namespace nitro::onnx {

/// A runtime that takes less than all of ONNX (src/onnx/targets.toml).
struct ExportTarget {
  std::string name;
  int64_t opset = 0;
  std::set<std::string> operators;  // of the standard domain
  int64_t pad_last_axes = 0;        // those that a Pad may pad, with zeros; 0: all, with anything
  bool resize_asymmetric = false;   // Resize only nearest or linear, asymmetric, rounded down
};

/// All targets, by name.
const std::vector<ExportTarget>& export_targets();
/// Fails with kUsage, naming the nearest.
Result<const ExportTarget*> find_export_target(std::string_view name);

/// Whether the target takes each node of the model that `graph` was written as; kUnsupportedOp
/// names those that it does not, with what is wrong about each.
Result<void> check_target(const Graph& graph, const ::onnx::ModelProto& model,
                          const ExportTarget& target);

}  // namespace nitro::onnx
