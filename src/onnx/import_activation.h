#pragma once

#include "onnx/import_node.h"

namespace nitro::onnx {

/// Applies the activation that a fused com.microsoft operator names ("" for none).
Result<ValueId> emit_activation(ImportNode& node, std::string_view activation,
                                const std::vector<double>& parameters, ValueId value);

}  // namespace nitro::onnx
