#pragma once

#include "onnx/import_node.h"

namespace nitro::onnx {

Result<std::vector<ValueId>> import_grid_sample(ImportNode& node);
/// Opset 10, with two operands, and 11 onwards.
Result<std::vector<ValueId>> import_resize(ImportNode& node);
Result<std::vector<ValueId>> import_upsample(ImportNode& node);

}  // namespace nitro::onnx
