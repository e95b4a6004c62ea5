#include "optimize/prove.h"

#include <algorithm>

#include "reference/executor.h"

namespace nitro::optimize {
namespace {

Result<std::vector<runner::NamedTensors>> on_reference(
    const Graph& graph, const std::vector<runner::NamedTensors>& calls, const RunSetup& setup) {
  reference::ExecuteOptions options;
  options.progress = [&](size_t, size_t) { return !setup.interrupted(); };
  std::vector<runner::NamedTensors> results;
  for (const runner::NamedTensors& call : calls) {
    std::vector<Tensor> inputs;
    for (ValueId id : graph.inputs()) inputs.push_back(call.at(graph.value(id).name));
    std::vector<Tensor> outputs = TRY(reference::execute(graph, inputs, options));
    runner::NamedTensors named;
    for (size_t i = 0; i < outputs.size(); ++i) {
      named.emplace(graph.value(graph.outputs()[i]).name, std::move(outputs[i]));
    }
    results.push_back(std::move(named));
  }
  return results;
}

bool has_opaque(const Graph& graph) {
  return std::ranges::any_of(
      graph.nodes(), [](const Node& node) { return std::holds_alternative<Opaque>(node.op); });
}

}  // namespace

Result<std::vector<NumericCheck>> prove(const zoo::OpenedModel& original, const Graph& rewritten,
                                        const std::filesystem::path& rewritten_file,
                                        const Workload& workload, const RunSetup& setup,
                                        const Tolerance& tolerance) {
  const Graph& graph = original.model.graph;
  const std::vector<std::string> names = workload.output_names(graph);
  std::vector<NumericCheck> checks;
  const auto compare = [&](const std::string& on, InputKind kind, const std::vector<Tensor>& wanted,
                           const std::vector<Tensor>& got) -> Result<void> {
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].type() != got[i].type()) {
        return fail(ErrorCode::kInternal, "output '{}' changed its type from {} to {}", names[i],
                    text(wanted[i].type()), text(got[i].type()));
      }
      checks.push_back({.runner = on,
                        .input = std::string(name(kind)),
                        .output = names[i],
                        .difference = difference(wanted[i], got[i]),
                        .tolerance = on == setup.runner ? tolerance : kExact});
    }
    return {};
  };
  for (InputKind kind : workload.proven_kinds()) {
    const auto before = workload.inputs(graph, graph, kind);
    const auto after = workload.inputs(graph, rewritten, kind);
    const auto old_frame = TRY(run_frame({"original", original.file, before}, setup));
    const auto new_frame = TRY(run_frame({"rewritten", rewritten_file, after}, setup));
    const std::vector<Tensor> on_runner = TRY(workload.outputs(graph, graph, old_frame));
    TRY(compare(setup.runner, kind, on_runner, TRY(workload.outputs(graph, rewritten, new_frame))));
    if (has_opaque(graph) || setup.runner == "reference") continue;
    const auto exact_frame = TRY(on_reference(graph, before, setup));
    const auto exact_rewritten = TRY(on_reference(rewritten, after, setup));
    const std::vector<Tensor> exact = TRY(workload.outputs(graph, graph, exact_frame));
    for (size_t i = 0; i < exact.size(); ++i) {
      checks[checks.size() - exact.size() + i].own_error =
          difference(exact[i], on_runner[i]).max_abs;
    }
    TRY(compare("reference", kind, exact,
                TRY(workload.outputs(graph, rewritten, exact_rewritten))));
  }
  return checks;
}

}  // namespace nitro::optimize
