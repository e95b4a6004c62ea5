#pragma once

#include <onnx-ml.pb.h>

#include "onnx/export_node.h"
#include "onnx/import_node.h"
#include "onnx/import_state.h"

namespace nitro::onnx {

/// One ONNX node under import, for tests: operands first, then attributes, then run().
class ImportCase {
 public:
  explicit ImportCase(const std::string& op_type, int64_t opset = 20,
                      const std::string& domain = "")
      : opset_(opset) {
    proto_.set_op_type(op_type);
    proto_.set_domain(domain);
    proto_.add_output("y0");
  }

  ImportCase& input(Shape shape, DType dtype = DType::kF32) {
    const std::string name = next_name();
    state_.values[name] = state_.graph.add_input(name, {dtype, std::move(shape)});
    return *this;
  }
  ImportCase& constant(Tensor tensor) {
    const std::string name = next_name();
    state_.values[name] = state_.graph.add_constant(std::move(tensor));
    return *this;
  }
  ImportCase& constant(const std::vector<int64_t>& values) {
    return constant(Tensor::vector(values));
  }
  ImportCase& absent() {
    proto_.add_input("");
    return *this;
  }
  ImportCase& outputs(int count) {
    for (int i = proto_.output_size(); i < count; ++i) proto_.add_output("y" + std::to_string(i));
    return *this;
  }
  NodeAttributes attributes() { return NodeAttributes(proto_); }

  Result<std::vector<ValueId>> run() {
    ImportNode node(proto_, opset_, state_);
    return find_importer(proto_.domain(), proto_.op_type())(node);
  }
  /// The op that the node becomes; a default OpT where it fails or becomes another one.
  template <class OpT>
  OpT lowered() {
    if (!run() || state_.graph.nodes().empty()) return {};
    const OpT* op = std::get_if<OpT>(&state_.graph.nodes().back().op);
    return op ? *op : OpT{};
  }
  /// The first result, which must be a constant; empty where it is not.
  std::vector<double> folded() {
    const auto values = run();
    const Tensor* tensor = values ? state_.graph.constant(values->at(0)) : nullptr;
    return tensor ? tensor->as<double>() : std::vector<double>();
  }
  ErrorCode error() {
    const auto values = run();
    return values ? ErrorCode::kInternal : values.error().code;
  }
  const Graph& graph() const { return state_.graph; }

 private:
  std::string next_name() {
    const std::string name = "x" + std::to_string(proto_.input_size());
    proto_.add_input(name);
    return name;
  }

  int64_t opset_;
  FileDescriptor no_folder_;
  ImportState state_{no_folder_};
  ::onnx::NodeProto proto_;
};

}  // namespace nitro::onnx
