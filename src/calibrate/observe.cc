#include "calibrate/observe.h"

#include <algorithm>

#include "base/text.h"
#include "onnx/export_model.h"

namespace nitro::calibrate {
namespace {

/// A graph that gives some values of another as outputs, too.
struct Observed {
  Graph graph;
  std::vector<std::string> names;  // of the outputs that they are
};

Result<Observed> with_outputs(const Graph& graph, const std::vector<ValueId>& values) {
  Observed observed{graph, {}};
  const std::vector<std::string> names = onnx::exported_names(graph);
  std::vector<ValueId> outputs = graph.outputs();
  for (ValueId id : values) {
    ValueId seen = id;
    if (std::ranges::find(graph.inputs(), id) != graph.inputs().end()) {  // no output may be one
      seen = TRY(observed.graph.add_node(Reshape{graph.type(id).shape}, {id}))[0];
      observed.graph.set_value_name(seen, "nitro.seen." + names[id]);
    } else {
      observed.graph.set_value_name(id, names[id]);
    }
    observed.names.push_back(observed.graph.value(seen).name);
    if (std::ranges::find(outputs, seen) == outputs.end()) outputs.push_back(seen);
  }
  observed.graph.set_outputs(std::move(outputs));
  return observed;
}

}  // namespace

Result<size_t> observe(const Graph& graph, const std::vector<ValueId>& values, const Scenes& scenes,
                       runner::Runner& runner, const ObserveOptions& options,
                       const TakeTensor& take) {
  const Observed observed = TRY(with_outputs(graph, values));
  const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-calibrate"));
  const std::filesystem::path file = scratch.path() / "model.onnx";
  TRY(onnx::write_model(observed.graph, file));
  const runner::LoadedModel loaded = TRY(runner.load(file, options.load));
  const auto take_all = [&](size_t, const std::vector<eval::Port>&, size_t,
                            const runner::NamedTensors& tensors) -> Result<void> {
    for (size_t i = 0; i < values.size(); ++i) {
      const std::string& name = observed.names[i];
      const auto found = tensors.find(name);
      if (found == tensors.end())
        return fail(ErrorCode::kRunnerFailed, "the runner gave no '{}'", display(name, 80));
      TRY(in_context(take(values[i], found->second), display(name, 80)));
    }
    return {};
  };
  const eval::SceneRun run =
      TRY(eval::run_scenes(scenes.data, scenes.chosen, {{loaded.handle, scenes.calls}}, runner,
                           options.scenes, take_all));
  TRY(runner.unload(loaded.handle));
  if (run.interrupted) return fail(ErrorCode::kInterrupted, "interrupted while it calibrated");
  if (run.samples.empty() && !run.damaged.empty()) return std::unexpected(run.damaged[0]);
  return run.samples.size();
}

}  // namespace nitro::calibrate
