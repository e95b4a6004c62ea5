#include "passes/modalities.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

/// A graph with a copy of another for each modality.
class Copies {
 public:
  explicit Copies(const Graph& graph) : graph_(graph), shared_(graph.values().size(), kNoValue) {
    result_.name = graph.name;
  }

  Result<void> add(const Modality& modality) {
    const ValueId input = graph_.inputs()[0];
    std::vector<ValueId> map = shared_;
    map[input] = result_.add_input(modality.name, input_type(modality, graph_.type(input)));
    if (modality.grey) map[input] = TRY(grey_as_colour(result_, map[input]));
    for (const Node& node : graph_.nodes()) TRY(add(node, modality, map));
    for (ValueId output : graph_.outputs()) {
      if (!graph_.producer(output))
        return fail(ErrorCode::kBadModel, "an output does not depend on the input");
      result_.set_value_name(map[output], graph_.value(output).name + "." + modality.name);
      outputs_.push_back(map[output]);
    }
    return {};
  }

  Graph finish() {
    result_.set_outputs(outputs_);
    return without_dead_code(result_);
  }

 private:
  /// Constants are one for all copies.
  ValueId mapped(ValueId old, const std::vector<ValueId>& map) {
    if (old == kNoValue || map[old] != kNoValue) return old == kNoValue ? old : map[old];
    if (shared_[old] == kNoValue)
      shared_[old] = result_.add_constant(*graph_.constant(old), graph_.value(old).name);
    return shared_[old];
  }

  Result<void> add(const Node& node, const Modality& modality, std::vector<ValueId>& map) {
    std::vector<ValueId> inputs;
    for (ValueId input : node.inputs) inputs.push_back(mapped(input, map));
    std::vector<OriginId> origins;
    for (OriginId id : node.origins) {
      Origin origin = graph_.origins()[id];
      origin.module = modality.name + (origin.module.empty() ? "" : "." + origin.module);
      origins.push_back(result_.add_origin(origin));
    }
    const std::vector<ValueId> outputs =
        TRY(result_.add_node(node.op, std::move(inputs), std::move(origins)));
    for (size_t i = 0; i < outputs.size(); ++i) map[node.outputs[i]] = outputs[i];
    return {};
  }

  const Graph& graph_;
  Graph result_;
  std::vector<ValueId> shared_;
  std::vector<ValueId> outputs_;
};

}  // namespace

Result<bool> separate_modalities(Graph& graph, const Parameters& parameters) {
  const std::vector<Modality> modalities = TRY(modalities_of(parameters));
  if (modalities.size() < 2 || has_inputs(graph, modalities)) return false;
  TRY(check_input(graph, modalities));
  Copies copies(graph);
  for (const Modality& modality : modalities) TRY(copies.add(modality));
  graph = copies.finish();
  return true;
}

}  // namespace nitro::passes
