#pragma once

#include "onnx/import_node.h"

namespace nitro::onnx {

/// Attention of the standard domain, without a cache.
Result<std::vector<ValueId>> import_attention(ImportNode& node);
/// com.microsoft: q, k and v in separate operands.
Result<std::vector<ValueId>> import_multi_head_attention(ImportNode& node);
/// com.microsoft Attention: with the projection of q, k and v.
Result<std::vector<ValueId>> import_projected_attention(ImportNode& node);

}  // namespace nitro::onnx
