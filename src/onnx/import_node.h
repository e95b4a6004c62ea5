#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace onnx {
class NodeProto;
}

namespace nitro::onnx {

class ImportState;

/// One ONNX node under import: its attributes and operands, and the graph that it is lowered to.
class ImportNode {
 public:
  ImportNode(const ::onnx::NodeProto& proto, int64_t opset, ImportState& state)
      : proto_(proto), opset_(opset), state_(state) {}

  std::string_view op_type() const;
  std::string_view domain() const;
  /// Opset version of the node's domain.
  int64_t opset() const { return opset_; }

  size_t input_count() const;  // trailing absent operands included
  size_t output_count() const;
  bool has(size_t i) const;       // given and not ""
  ValueId input(size_t i) const;  // kNoValue where absent
  const TensorType& type(size_t i) const;
  int64_t rank(size_t i) const { return type(i).rank(); }

  /// The value of operand `i` if it is a constant (after folding of shape arithmetic).
  const Tensor* constant(size_t i) const;
  /// Operand `i` as a constant, or kUnknownShape naming the tensor.
  Result<Tensor> require_constant(size_t i) const;
  Result<std::vector<int64_t>> require_integers(size_t i) const;
  Result<int64_t> require_integer(size_t i) const;  // one element
  Result<std::vector<double>> require_numbers(size_t i) const;
  Result<double> require_number(size_t i) const;

  bool has_attribute(std::string_view name) const;
  Result<int64_t> integer(std::string_view name, int64_t fallback) const;
  Result<double> number(std::string_view name, double fallback) const;
  Result<std::string> string(std::string_view name, std::string_view fallback) const;
  Result<std::vector<int64_t>> integers(std::string_view name,
                                        std::vector<int64_t> fallback = {}) const;
  Result<std::vector<double>> numbers(std::string_view name,
                                      std::vector<double> fallback = {}) const;
  Result<std::optional<Tensor>> tensor(std::string_view name) const;
  /// Integer attribute `name` as an axis normalised for `rank`.
  Result<int64_t> axis(std::string_view name, int64_t fallback, int64_t rank) const;

  /// Appends `op` with the origin of this node. With only small constant operands the result is
  /// computed at once and becomes a constant, so that shape arithmetic disappears on import.
  Result<std::vector<ValueId>> emit_all(Op op, std::vector<ValueId> inputs);
  /// As emit_all(); the first result.
  Result<ValueId> emit(Op op, std::vector<ValueId> inputs);
  ValueId add_constant(Tensor tensor);
  /// `value` under another shape; itself where the shape is the same.
  Result<ValueId> reshape(ValueId value, Shape shape);
  const TensorType& type_of(ValueId value) const;
  const Tensor* constant_of(ValueId value) const;

  /// kUnsupportedOp naming op, opset and `form`, the part that is not supported.
  std::unexpected<Error> unsupported(std::string_view form) const;

 private:
  const ::onnx::NodeProto& proto_;
  int64_t opset_;
  ImportState& state_;
};

/// Lowers one ONNX node; returns a value per ONNX output (kNoValue for one that is not computed).
using Importer = Result<std::vector<ValueId>> (*)(ImportNode& node);

/// The importer of an operator ("" is the standard domain), or nullptr.
Importer find_importer(std::string_view domain, std::string_view op_type);

}  // namespace nitro::onnx
