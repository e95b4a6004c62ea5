#pragma once

#include "onnx/import_node.h"

namespace nitro::onnx {

Result<std::vector<ValueId>> import_einsum(ImportNode& node);

/// Rewrites an equation of NumPy's form (spaces, "..." and an implied result allowed) to the
/// explicit one of the IR for operands of the given ranks. Fails with kBadModel.
Result<std::string> explicit_equation(std::string_view equation, const std::vector<int64_t>& ranks);

}  // namespace nitro::onnx
