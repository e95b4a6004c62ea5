#pragma once

namespace onnx {
class GraphProto;
}

namespace nitro::onnx {

/// Gives each DequantizeLinear the module that all its readers lie in: quantisers add these nodes
/// without one, or under the name of the tensor, though what they make belongs to who reads it.
void set_modules_of_dequantizations(::onnx::GraphProto& graph);

}  // namespace nitro::onnx
