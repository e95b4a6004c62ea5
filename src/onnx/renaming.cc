#include "onnx/renaming.h"

#include <onnx-ml.pb.h>

namespace nitro::onnx {

std::string Renaming::of(const std::string& inner) {
  if (inner.empty()) return inner;
  if (const auto known = names_.find(inner); known != names_.end()) return known->second;
  if (others_ == Others::kKept) return inner;
  set_fresh(inner);
  return names_[inner];
}

void Renaming::apply(::onnx::NodeProto& node) {
  for (std::string& name : *node.mutable_input()) name = of(name);
  for (std::string& name : *node.mutable_output()) name = of(name);
  for (auto& attribute : *node.mutable_attribute()) {
    if (attribute.has_g()) apply(*attribute.mutable_g());
    for (auto& graph : *attribute.mutable_graphs()) apply(graph);
  }
}

void Renaming::apply(::onnx::GraphProto& graph) {
  for (auto& tensor : *graph.mutable_initializer()) tensor.set_name(of(tensor.name()));
  for (auto* list : {graph.mutable_input(), graph.mutable_output(), graph.mutable_value_info()}) {
    for (auto& info : *list) info.set_name(of(info.name()));
  }
  for (auto& node : *graph.mutable_node()) apply(node);
}

void take_names(const ::onnx::GraphProto& graph, UniqueNames& taken) {
  for (const auto& input : graph.input()) taken.take(input.name());
  for (const auto& tensor : graph.initializer()) taken.take(tensor.name());
  for (const auto& node : graph.node()) {
    for (const std::string& output : node.output()) taken.take(output);
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) take_names(attribute.g(), taken);
      for (const auto& subgraph : attribute.graphs()) take_names(subgraph, taken);
    }
  }
}

}  // namespace nitro::onnx
