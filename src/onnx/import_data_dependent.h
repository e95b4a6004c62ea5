#pragma once

#include "onnx/import_node.h"

namespace nitro::onnx {

// Operators whose result has a shape that depends on values. They are computed on import, where
// those values are constants (kUnknownShape otherwise).

Result<std::vector<ValueId>> import_compress(ImportNode& node);
Result<std::vector<ValueId>> import_non_zero(ImportNode& node);
Result<std::vector<ValueId>> import_unique(ImportNode& node);

}  // namespace nitro::onnx
