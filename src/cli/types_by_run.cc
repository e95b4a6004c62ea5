#include "cli/types_by_run.h"

#include "cli/interrupt.h"
#include "optimize/sample_inputs.h"

namespace nitro::cli {

onnx::TypesByRun types_by_run(optimize::RunSetup setup) {
  return
      [setup = std::move(setup)](const std::filesystem::path& file,
                                 const Graph& graph) -> Result<std::map<std::string, TensorType>> {
        runner::NamedTensors inputs;
        for (ValueId id : graph.inputs()) {
          const Value& input = graph.value(id);
          inputs[input.name] = optimize::sample_input(input.type, optimize::InputKind::kRandom, id);
        }
        const auto outputs = TRY(optimize::run_frame({"model", file, {std::move(inputs)}}, setup));
        std::map<std::string, TensorType> types;
        for (const auto& [name, tensor] : outputs[0]) types[name] = tensor.type();
        return types;
      };
}

}  // namespace nitro::cli
