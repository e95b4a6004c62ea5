#pragma once

#include "onnx/import_node.h"

namespace nitro::onnx {

/// Col2Im: overlapping blocks summed into an image, as a transposed convolution with one-hot
/// weights.
Result<std::vector<ValueId>> import_col2im(ImportNode& node);

}  // namespace nitro::onnx
