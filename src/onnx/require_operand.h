#pragma once

#include "base/text.h"
#include "onnx/import_node.h"

namespace nitro::onnx {

/// Operand `i`, or kBadModel where the node lacks it.
inline Result<ValueId> require_operand(const ImportNode& node, size_t i) {
  if (node.has(i)) return node.input(i);
  return fail(ErrorCode::kBadModel, "{} lacks operand {}", display(node.op_type()), i);
}

}  // namespace nitro::onnx
