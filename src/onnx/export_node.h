#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace onnx {
class NodeProto;
}

namespace nitro::onnx {

class ExportState;

/// Sets the attributes of one ONNX node that was just appended.
class NodeAttributes {
 public:
  explicit NodeAttributes(::onnx::NodeProto& proto) : proto_(proto) {}
  NodeAttributes& integer(std::string_view name, int64_t value);
  NodeAttributes& number(std::string_view name, double value);
  NodeAttributes& string(std::string_view name, std::string_view value);
  NodeAttributes& integers(std::string_view name, const std::vector<int64_t>& values);
  NodeAttributes& numbers(std::string_view name, const std::vector<double>& values);

 private:
  ::onnx::NodeProto& proto_;
};

/// Writes one IR node as one or more ONNX nodes (opset kExportOpset). Operands and results are
/// tensor names; "" is an absent operand or a result that nobody reads.
class ExportNode {
 public:
  ExportNode(const Graph& graph, const Node& node, ExportState& state)
      : graph_(graph), node_(node), state_(state) {}

  size_t input_count() const { return node_.inputs.size(); }
  std::string input(size_t i) const;
  const TensorType& input_type(size_t i) const { return graph_.type(node_.inputs[i]); }
  const Tensor* input_constant(size_t i) const { return graph_.constant(node_.inputs[i]); }
  std::string output(size_t i = 0) const;
  const TensorType& output_type(size_t i = 0) const { return graph_.type(node_.outputs[i]); }
  /// The standard opset to write.
  int64_t opset() const;
  /// All operands, without trailing absent ones.
  std::vector<std::string> inputs() const;

  /// Appends a node with the origins of the IR node; `domain` "" or "com.microsoft".
  NodeAttributes add(std::string_view op_type, std::vector<std::string> inputs,
                     std::vector<std::string> outputs, std::string_view domain = "");
  /// The usual case: all operands, first result.
  NodeAttributes add(std::string_view op_type) { return add(op_type, inputs(), {output()}); }
  /// An initializer with a fresh name.
  std::string constant(Tensor tensor);
  /// A fresh tensor name for a value between the nodes of one op.
  std::string fresh_name();
  /// Appends the encoded node of an Opaque under this node's operand and result names.
  Result<void> add_encoded(std::string_view encoded);

 private:
  /// Subgraphs refer to tensors outside by the names in the encoded node. `read` are the operands
  /// and then the captured ones, which get those names again where they have others now.
  Result<void> restore_captured_names(const std::vector<std::string>& read, size_t operands);

  const Graph& graph_;
  const Node& node_;
  ExportState& state_;
};

/// The standard opset that Nitro writes.
inline constexpr int64_t kExportOpset = 20;

/// One explicit specialisation per op. Ops that the standard opset lacks are written as
/// com.microsoft nodes (Attention without a standard form, SkipLayerNormalization, BiasGelu,
/// FusedMatMul), which onnxruntime executes, or decomposed.
template <class OpT>
Result<void> export_op(const OpT& op, ExportNode& node);

}  // namespace nitro::onnx
