#include "passes/lossy/extremes.h"

#include <numeric>

#include "base/text.h"
#include "onnx/export_model.h"

namespace nitro::passes {
namespace {

/// [1]: one of the extremes of `value`.
Result<ValueId> add_extreme(Graph& graph, ReduceKind kind, ValueId value) {
  Ints axes(graph.type(value).shape.size());
  std::iota(axes.begin(), axes.end(), 0);
  if (!axes.empty()) value = TRY(graph.add_node(Reduce{kind, axes, false}, {value}))[0];
  return TRY(graph.add_node(Reshape{{1}}, {value}))[0];
}

}  // namespace

Result<ExtremesValue> add_extremes_value(Graph& graph) {
  ExtremesValue added;
  const std::vector<uint32_t> uses = use_counts(graph);
  for (ValueId id = 0; id < uses.size(); ++id) {
    const TensorType& type = graph.type(id);
    if (uses[id] > 0 && type.dtype == DType::kF32 && type.elements() > 0 && !graph.constant(id))
      added.of.push_back(id);
  }
  if (added.of.empty()) return added;
  std::vector<ValueId> parts;
  for (ValueId id : added.of) {
    parts.push_back(TRY(add_extreme(graph, ReduceKind::kMin, id)));
    parts.push_back(TRY(add_extreme(graph, ReduceKind::kMax, id)));
  }
  added.value = TRY(graph.add_node(Concat{0}, std::move(parts), {}, {"nitro.extremes"}))[0];
  std::vector<ValueId> outputs = graph.outputs();
  outputs.push_back(added.value);
  graph.set_outputs(std::move(outputs));
  return added;
}

Result<std::vector<std::optional<Extremes>>> extremes_of(const Calibration& calibration,
                                                         const Graph& graph) {
  const bool other = calibration.graph != graph_fingerprint(graph);
  if (other || calibration.extremes.empty()) {
    return fail_with_hint(
        ErrorCode::kBadRecipe,
        fmt::format("the calibration of {} {}",
                    display(calibration.source.empty() ? "a model" : calibration.source),
                    other ? "is of another graph" : "has no extremes of all values"),
        "nitro calibrate --extremes, with the steps of the recipe before this one, makes one that "
        "fits");
  }
  const std::vector<std::string> names = onnx::exported_names(graph);
  std::vector<std::optional<Extremes>> seen(names.size());
  for (ValueId id = 0; id < names.size(); ++id) {
    const auto found = calibration.extremes.find(names[id]);
    if (found != calibration.extremes.end() && !graph.constant(id)) seen[id] = found->second;
  }
  return seen;
}

}  // namespace nitro::passes
