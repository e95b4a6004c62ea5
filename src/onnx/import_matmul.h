#pragma once

#include "onnx/import_node.h"

namespace nitro::onnx {

Result<std::vector<ValueId>> import_matmul(ImportNode& node);
Result<std::vector<ValueId>> import_gemm(ImportNode& node);
/// com.microsoft: transposed and scaled MatMul; Gemm with an activation.
Result<std::vector<ValueId>> import_fused_matmul(ImportNode& node);
Result<std::vector<ValueId>> import_fused_gemm(ImportNode& node);

/// Emits `op` on two operands of which vectors count as matrices, with their axis removed from the
/// result, as NumPy does; `rest` are further operands.
Result<ValueId> emit_product(ImportNode& node, Op op, ValueId a, ValueId b,
                             std::vector<ValueId> rest = {});

}  // namespace nitro::onnx
