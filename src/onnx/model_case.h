#pragma once

#include <onnx-ml.pb.h>

#include <initializer_list>
#include <string>

#include "base/file.h"
#include "onnx/import_model.h"

namespace nitro::onnx {

/// A model under construction, for tests. Its input is "x" (f32[2,3]), its output "y" (unknown).
class ModelCase {
 public:
  ModelCase() {
    proto.set_ir_version(10);
    proto.add_opset_import()->set_version(17);
    declare(*proto.mutable_graph()->add_input(), "x", {2, 3});
    proto.mutable_graph()->add_output()->set_name("y");
  }

  using Names = std::initializer_list<const char*>;

  ::onnx::GraphProto& graph() { return *proto.mutable_graph(); }

  /// A node of a graph or a function; "domain.Type" or "Type".
  template <class Body>
  static ::onnx::NodeProto& node(Body& body, const std::string& op, Names inputs, Names outputs) {
    ::onnx::NodeProto& node = *body.add_node();
    const size_t dot = op.find('.');
    if (dot != std::string::npos) node.set_domain(op.substr(0, dot));
    node.set_op_type(dot == std::string::npos ? op : op.substr(dot + 1));
    for (const char* input : inputs) node.add_input(input);
    for (const char* output : outputs) node.add_output(output);
    return node;
  }

  /// A function of the domain "local".
  ::onnx::FunctionProto& function(const std::string& name, Names inputs, Names outputs) {
    ::onnx::FunctionProto& function = *proto.add_functions();
    function.set_domain("local");
    function.set_name(name);
    function.add_opset_import()->set_version(17);
    for (const char* input : inputs) function.add_input(input);
    for (const char* output : outputs) function.add_output(output);
    return function;
  }

  static ::onnx::AttributeProto& attribute(::onnx::NodeProto& node, const std::string& name,
                                           ::onnx::AttributeProto::AttributeType type) {
    ::onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }

  static void number(::onnx::NodeProto& node, const std::string& name, float value) {
    attribute(node, name, ::onnx::AttributeProto::FLOAT).set_f(value);
  }

  static void reference(::onnx::NodeProto& node, const std::string& name,
                        const std::string& of_function) {
    attribute(node, name, ::onnx::AttributeProto::FLOAT).set_ref_attr_name(of_function);
  }

  /// An empty branch or body.
  static ::onnx::GraphProto& subgraph(::onnx::NodeProto& node, const std::string& name) {
    return *attribute(node, name, ::onnx::AttributeProto::GRAPH).mutable_g();
  }

  static void declare(::onnx::ValueInfoProto& info, const std::string& name, const Shape& shape) {
    info.set_name(name);
    auto& type = *info.mutable_type()->mutable_tensor_type();
    type.set_elem_type(::onnx::TensorProto::FLOAT);
    type.mutable_shape();
    for (int64_t dim : shape) type.mutable_shape()->add_dim()->set_dim_value(dim);
  }

  /// A condition that is known on import.
  void condition(const std::string& name, bool value) {
    auto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(::onnx::TensorProto::BOOL);
    tensor.set_raw_data(std::string(1, value ? '\1' : '\0'));
  }

  Result<ImportedModel> import(const ImportOptions& options = {}) const {
    const ScratchFolder folder = TRY(ScratchFolder::create("model-case"));
    TRY(write_file_atomic(folder.path() / "m.onnx", proto.SerializeAsString()));
    return import_model(folder.path() / "m.onnx", options);
  }

  std::string error() const {
    const auto imported = import();
    return imported ? "" : imported.error().text();
  }

  ::onnx::ModelProto proto;
};

/// The ops of a graph in order: "Unary Softmax".
inline std::string ops_of(const Graph& graph) {
  std::string text;
  for (const Node& node : graph.nodes()) {
    if (!text.empty()) text += ' ';
    text += display_name(node.op);
  }
  return text;
}

}  // namespace nitro::onnx
