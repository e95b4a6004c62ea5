#include "passes/passes.h"
#include "passes/rebatch.h"

namespace nitro::passes {

Result<bool> batch_modalities(Graph& graph, const Parameters& parameters) {
  const std::vector<Modality> modalities = TRY(modalities_of(parameters));
  if (modalities.size() < 2 || has_inputs(graph, modalities)) return false;
  TRY(check_input(graph, modalities));
  graph = TRY(rebatched(graph, modalities));
  return true;
}

}  // namespace nitro::passes
