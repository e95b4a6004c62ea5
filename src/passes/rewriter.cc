#include "passes/rewriter.h"

#include <algorithm>

namespace nitro::passes {
namespace {

Graph with_header_of(const Graph& source) {
  Graph result;
  result.name = source.name;
  for (const Origin& origin : source.origins()) result.add_origin(origin);
  return result;
}

std::vector<bool> live_values(const Graph& graph) {
  std::vector<bool> live(graph.values().size(), false);
  for (ValueId output : graph.outputs()) live[output] = true;
  for (size_t i = graph.nodes().size(); i-- > 0;) {
    const Node& node = graph.nodes()[i];
    if (std::ranges::none_of(node.outputs, [&](ValueId id) { return live[id]; })) continue;
    for (ValueId input : node.inputs) {
      if (input != kNoValue) live[input] = true;
    }
  }
  return live;
}

}  // namespace

Rewriter::Rewriter(const Graph& source)
    : source_(source),
      uses_(use_counts(source)),
      result_(with_header_of(source)),
      map_(source.values().size(), kNoValue) {
  for (ValueId input : source.inputs()) {
    map_[input] = result_.add_input(source.value(input).name, source.type(input));
  }
}

ValueId Rewriter::mapped(ValueId old) {
  if (old == kNoValue) return kNoValue;
  if (map_[old] == kNoValue) {
    const Value& value = source_.value(old);
    map_[old] = result_.add_constant(value.constant.value(), value.name);
  }
  return map_[old];
}

std::vector<ValueId> Rewriter::mapped(const std::vector<ValueId>& old) {
  std::vector<ValueId> ids;
  for (ValueId id : old) ids.push_back(mapped(id));
  return ids;
}

void Rewriter::replace(ValueId old, ValueId replacement) {
  map_[old] = replacement;
  const std::string& name = source_.value(old).name;
  if (!name.empty() && result_.value(replacement).name.empty())
    result_.set_value_name(replacement, name);
}

Result<std::vector<ValueId>> Rewriter::emit_all(Op op, std::vector<ValueId> inputs,
                                                const std::vector<const Node*>& from) {
  std::vector<OriginId> origins;
  for (const Node* node : from)
    origins.insert(origins.end(), node->origins.begin(), node->origins.end());
  return result_.add_node(std::move(op), std::move(inputs), std::move(origins));
}

Result<ValueId> Rewriter::emit(Op op, std::vector<ValueId> inputs,
                               const std::vector<const Node*>& from) {
  return TRY(emit_all(std::move(op), std::move(inputs), from))[0];
}

Result<void> Rewriter::copy(const Node& node) {
  const std::vector<ValueId> outputs = TRY(emit_all(node.op, mapped(node.inputs), {&node}));
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (map_[node.outputs[i]] == kNoValue) replace(node.outputs[i], outputs[i]);
  }
  return {};
}

bool Rewriter::lacks_outputs(const Node& node) const {
  return std::ranges::any_of(
      node.outputs, [&](ValueId output) { return uses_[output] > 0 && map_[output] == kNoValue; });
}

Graph Rewriter::finish() {
  std::vector<ValueId> outputs;
  for (ValueId output : source_.outputs()) {
    ValueId id = mapped(output);
    // An output keeps its name even where its value is now another output, an input or a constant.
    const std::string& name = source_.value(output).name;
    const bool shared = std::ranges::find(outputs, id) != outputs.end();
    if (shared || result_.value(id).producer == kNoNode) {
      id = result_.add_node(Reshape{result_.type(id).shape}, {id}).value()[0];
    }
    result_.set_value_name(id, name);
    outputs.push_back(id);
  }
  result_.set_outputs(std::move(outputs));
  return without_dead_code(result_);
}

Result<bool> rewrite(Graph& graph, const Rule& rule, int rounds) {
  bool any = false;
  for (int round = 0; round < rounds; ++round) {
    Rewriter rewriter(graph);
    bool changed = false;
    for (const Node& node : graph.nodes()) {
      if (TRY(rule(rewriter, node))) {
        changed = true;
      }
      if (rewriter.lacks_outputs(node)) TRY(rewriter.copy(node));
    }
    if (!changed) break;
    graph = rewriter.finish();
    any = true;
  }
  return any;
}

Graph without_dead_code(const Graph& graph) {
  const std::vector<bool> live = live_values(graph);
  Graph result = with_header_of(graph);
  std::vector<ValueId> map(graph.values().size(), kNoValue);
  for (ValueId input : graph.inputs()) {
    map[input] = result.add_input(graph.value(input).name, graph.type(input));
  }
  for (ValueId id = 0; id < graph.values().size(); ++id) {
    const Value& value = graph.value(id);
    if (value.constant && live[id]) map[id] = result.add_constant(*value.constant, value.name);
  }
  for (const Node& node : graph.nodes()) {
    if (std::ranges::none_of(node.outputs, [&](ValueId id) { return live[id]; })) continue;
    std::vector<ValueId> inputs;
    for (ValueId input : node.inputs) inputs.push_back(input == kNoValue ? kNoValue : map[input]);
    std::vector<std::string> names;
    for (ValueId output : node.outputs) names.push_back(graph.value(output).name);
    const auto outputs =
        result.add_node(node.op, std::move(inputs), node.origins, std::move(names));
    for (size_t i = 0; i < node.outputs.size(); ++i) map[node.outputs[i]] = (*outputs)[i];
  }
  std::vector<ValueId> outputs;
  for (ValueId output : graph.outputs()) outputs.push_back(map[output]);
  result.set_outputs(std::move(outputs));
  return result;
}

}  // namespace nitro::passes
