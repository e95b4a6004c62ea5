#pragma once

#include "onnx/import_node.h"

namespace nitro::onnx {

Result<std::vector<ValueId>> import_conv(ImportNode& node);
Result<std::vector<ValueId>> import_conv_transpose(ImportNode& node);
/// com.microsoft: Conv, an added operand and an activation.
Result<std::vector<ValueId>> import_fused_conv(ImportNode& node);

/// The Conv that the attributes of `node` describe for input `x` and weights `w`, given as operand
/// indices.
Result<Conv> read_convolution(const ImportNode& node, size_t x, size_t w);

}  // namespace nitro::onnx
