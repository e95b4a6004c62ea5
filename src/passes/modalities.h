#pragma once

#include <string>
#include <vector>

#include "passes/pass.h"

namespace nitro::passes {

/// `grey`: enters as one channel of 0..1, which the graph replicates and normalises.
struct Modality {
  std::string name;
  bool grey = false;
};

/// The parameters `modalities` and `grey`. Fails with kBadRecipe where names are missing or twice.
Result<std::vector<Modality>> modalities_of(const Parameters& parameters);

/// Whether `graph` has an input of the name of each.
bool has_inputs(const Graph& graph, const std::vector<Modality>& modalities);

/// Fails with kUnsupportedOp where `graph` has not one input, of colour images where a modality is
/// grey.
Result<void> check_input(const Graph& graph, const std::vector<Modality>& modalities);

/// What `modality` enters as where the model takes `type`.
TensorType input_type(const Modality& modality, TensorType type);

/// Grey images as the model takes them: three equal channels with ImageNet's mean and deviation.
Result<ValueId> grey_as_colour(Graph& graph, ValueId grey);

}  // namespace nitro::passes
