#pragma once

#include <cstdint>
#include <map>
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
  std::set<std::string> planar;     // those of them that it takes over two or three axes alone
  /// Of the first operand, by operator; of those absent here all.
  std::map<std::string, std::set<std::string>> types;
  /// An operator, then the attributes that it cannot have together.
  std::vector<std::vector<std::string>> lacks;
  int64_t pad_last_axes = 0;  // those that a Pad may pad, with zeros; 0: all, with anything
  // What a Resize may have, in ONNX's words; all where empty.
  std::set<std::string> resize_modes;
  std::set<std::string> resize_coordinates;
  std::set<std::string> resize_nearest;
};

/// All targets, by name.
const std::vector<ExportTarget>& export_targets();
/// Fails with kUsage, naming the nearest.
Result<const ExportTarget*> find_export_target(std::string_view name);

/// The parameter `keep` of the pass split-fused-ops: what the target takes in every form, separated
/// by spaces.
std::string kept_operators(const ExportTarget& target);

/// Whether the target takes each node of the model that `graph` was written as; kUnsupportedOp
/// names those that it does not, with what is wrong about each.
Result<void> check_target(const Graph& graph, const ::onnx::ModelProto& model,
                          const ExportTarget& target);

}  // namespace nitro::onnx
