#pragma once

#include "onnx/export_node.h"

namespace nitro::onnx {

/// Writes an op that ONNX lacks as several nodes: each call appends one whose result is a fresh
/// tensor, and returns its name.
class ExportChain {
 public:
  ExportChain(ExportNode& node, DType dtype) : node_(node), dtype_(dtype) {}

  std::string add(std::string_view op_type, std::vector<std::string> inputs);
  std::string transpose(const std::string& x, const std::vector<int64_t>& perm);
  std::string softmax(const std::string& x, int64_t axis);
  std::string reshape(const std::string& x, const Shape& shape);
  std::string expand(const std::string& x, const Shape& shape);
  /// A scalar constant of the chain's dtype.
  std::string scalar(double value);

 private:
  ExportNode& node_;
  DType dtype_;
};

}  // namespace nitro::onnx
