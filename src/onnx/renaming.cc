#include "onnx/renaming.h"

#include <onnx-ml.pb.h>

namespace nitro::onnx {
namespace {

template <class Visit>
void for_each_name(const ::onnx::GraphProto& graph, const Visit& visit) {
  for (const auto& input : graph.input()) visit(input.name());
  for (const auto& tensor : graph.initializer()) visit(tensor.name());
  for (const auto& node : graph.node()) {
    for (const std::string& output : node.output()) visit(output);
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) for_each_name(attribute.g(), visit);
      for (const auto& subgraph : attribute.graphs()) for_each_name(subgraph, visit);
    }
  }
}

}  // namespace

std::string Renaming::of(const std::string& inner) {
  if (inner.empty()) return inner;
  auto known = names_.find(inner);
  if (known == names_.end()) {
    if (others_ == Others::kKept) return inner;
    known = names_.emplace(inner, taken_.choose(inner)).first;
  }
  budget_.spend(known->second.size());
  return known->second;
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
  for_each_name(graph, [&](const std::string& name) { taken.take(name); });
}

void release_names(const ::onnx::GraphProto& graph, UniqueNames& taken) {
  for_each_name(graph, [&](const std::string& name) { taken.release(name); });
}

}  // namespace nitro::onnx
