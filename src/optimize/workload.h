#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"
#include "optimize/frame.h"
#include "optimize/sample_inputs.h"

namespace nitro::optimize {

/// What one frame needs: a call of the original model for each modality (one unnamed call where
/// there are none), all through the same weights.
struct Workload {
  std::vector<std::string> modalities;

  size_t calls() const { return modalities.empty() ? 1 : modalities.size(); }
  /// Whether `graph` computes all modalities in one call.
  bool is_batched(const Graph& graph) const;
  /// The calls of one frame on `graph`; modality i gets the same tensors whether batched or not.
  std::vector<runner::NamedTensors> inputs(const Graph& original, const Graph& graph,
                                           InputKind kind) const;
  /// The outputs of a frame in one order: of each modality, those of the original model in its
  /// order. Fails with kInternal where one is missing.
  Result<std::vector<Tensor>> outputs(const Graph& original, const Graph& graph,
                                      const std::vector<runner::NamedTensors>& calls) const;
  /// Names for the items of outputs().
  std::vector<std::string> output_names(const Graph& original) const;
  std::string description() const;
};

}  // namespace nitro::optimize
