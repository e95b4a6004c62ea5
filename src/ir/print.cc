#include "ir/print.h"

#include <fmt/format.h>

#include "ir/print_constant.h"
#include "ir/print_field.h"
#include "ir/print_op.h"

namespace nitro {
namespace {

template <class Range, class Show>
std::string joined(const Range& range, Show&& show) {
  std::string text;
  for (const auto& element : range) {
    if (!text.empty()) text += ", ";
    text += show(element);
  }
  return text;
}

std::string reference(ValueId id) { return id == kNoValue ? "_" : fmt::format("%{}", id); }

std::string definition(const Graph& graph, ValueId id) {
  const std::string& name = graph.value(id).name;
  return name.empty() ? reference(id) : fmt::format("%{} {}", id, quote(name));
}

std::string print_node(const Graph& graph, const Node& node) {
  std::string line = joined(node.outputs, [&](ValueId id) { return definition(graph, id); });
  line += fmt::format("{}= {}({})", line.empty() ? "" : " ", print_op(node.op),
                      joined(node.inputs, reference));
  if (!node.outputs.empty()) {
    line += " : " + joined(node.outputs, [&](ValueId id) { return text(graph.type(id)); });
  }
  if (!node.origins.empty()) {
    line += " from " + joined(node.origins, [](OriginId id) { return std::to_string(id); });
  }
  return line + '\n';
}

std::string print_leaf(const Graph& graph, ValueId id, const PrintOptions& options) {
  const Value& value = graph.value(id);
  std::string line = fmt::format("{} = {} {}", definition(graph, id),
                                 value.constant ? "constant" : "input", text(value.type));
  if (value.constant) {
    const bool elided = value.type.bytes() > options.elide_above_bytes;
    line += ' ';
    line += elided ? "..." : print_constant(*value.constant);
  }
  return line + '\n';
}

}  // namespace

std::string print(const Graph& graph, const PrintOptions& options) {
  std::string result = fmt::format("graph {}\n", quote(graph.name));
  for (size_t i = 0; i < graph.origins().size(); ++i) {
    const Origin& origin = graph.origins()[i];
    result += fmt::format("origin {} {} {}\n", i, quote(origin.node), quote(origin.module));
  }
  NodeId next = 0;  // the first node not printed yet
  const auto print_nodes_until = [&](size_t end) {
    while (next < end) result += print_node(graph, graph.node(next++));
  };
  for (ValueId id = 0; id < graph.values().size(); ++id) {
    const NodeId producer = graph.value(id).producer;
    if (producer == kNoNode) {
      result += print_leaf(graph, id, options);
    } else {
      print_nodes_until(size_t{producer} + 1);
    }
  }
  print_nodes_until(graph.nodes().size());
  const std::string outputs = joined(graph.outputs(), reference);
  return result + "outputs" + (outputs.empty() ? "" : " ") + outputs + "\n";
}

}  // namespace nitro
