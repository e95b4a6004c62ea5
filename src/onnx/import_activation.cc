#include "onnx/import_activation.h"

namespace nitro::onnx {

Result<ValueId> emit_activation(ImportNode& node, std::string_view activation,
                                const std::vector<double>& parameters, ValueId value) {
  const auto parameter = [&](size_t i, double fallback) {
    return i < parameters.size() ? parameters[i] : fallback;
  };
  if (activation.empty()) return value;
  if (activation == "Relu") return node.emit(Unary{UnaryKind::kRelu}, {value});
  if (activation == "Sigmoid") return node.emit(Unary{UnaryKind::kSigmoid}, {value});
  if (activation == "Tanh") return node.emit(Unary{UnaryKind::kTanh}, {value});
  if (activation == "LeakyRelu") {
    return node.emit(Activation{ActivationKind::kLeakyRelu, parameter(0, 0.01), 0}, {value});
  }
  if (activation == "HardSigmoid") {
    return node.emit(Activation{ActivationKind::kHardSigmoid, parameter(0, 0.2), parameter(1, 0.5)},
                     {value});
  }
  if (activation == "Clip" && parameters.size() == 2) {
    return node.emit(Clip{parameters[0], parameters[1]}, {value});
  }
  return node.unsupported("with this activation");
}

}  // namespace nitro::onnx
