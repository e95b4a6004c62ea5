#include "cli/types_by_run.h"

#include "base/text.h"
#include "cli/interrupt.h"
#include "optimize/sample_inputs.h"

namespace nitro::cli {
namespace {

using Types = std::map<std::string, TensorType>;

runner::NamedTensors inputs_of(const Graph& graph, optimize::InputKind kind, uint64_t seed) {
  runner::NamedTensors inputs;
  for (ValueId id : graph.inputs()) {
    const Value& input = graph.value(id);
    inputs[input.name] = optimize::sample_input(input.type, kind, seed + id);
  }
  return inputs;
}

Result<Types> common_types(const std::vector<runner::NamedTensors>& runs) {
  Types types;
  for (const auto& [name, tensor] : runs[0]) {
    const TensorType other = runs[1].at(name).type();
    if (other != tensor.type()) {
      return fail(ErrorCode::kUnknownShape, "'{}' is {} for some inputs and {} for others",
                  display(name, 80), text(tensor.type()), text(other));
    }
    types[name] = other;
  }
  return types;
}

}  // namespace

onnx::TypesByRun types_by_run(optimize::RunSetup setup) {
  setup.interrupted = interrupted;
  return [setup = std::move(setup)](const std::filesystem::path& file,
                                    const Graph& graph) -> Result<Types> {
    optimize::Frame frame{"model", file, {}};
    frame.calls.push_back(inputs_of(graph, optimize::InputKind::kRandom, 0));
    frame.calls.push_back(inputs_of(graph, optimize::InputKind::kNatural, 1'000'000));
    return common_types(TRY(optimize::run_frame(frame, setup)));
  };
}

}  // namespace nitro::cli
