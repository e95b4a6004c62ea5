#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"
#include "optimize/frame.h"
#include "optimize/sample_inputs.h"

namespace nitro::optimize {

/// A tensor that the user gave for an input of the frame.
struct GivenInput {
  std::string name;
  std::string file;  // without its folder
  Tensor tensor;
};

/// An input of a frame, as the user names it: a modality where there are some, else the input of
/// the model.
struct FrameInput {
  std::string name;
  TensorType type;
  bool grey = false;  // of 0..1, one channel
};

/// What one frame needs: a call of the original model for each modality (one unnamed call where
/// there are none), all through the same weights.
struct Workload {
  std::vector<std::string> modalities;
  /// Those of them that are one channel of 0..1 to a batched graph; to the original they are
  /// replicated and normalised (normalized_grey()).
  std::vector<std::string> grey = {};
  std::vector<GivenInput> given = {};  // of the types that frame_inputs() says
  uint64_t seed = 1;                   // of what is not given

  size_t calls() const { return modalities.empty() ? 1 : modalities.size(); }
  /// Whether `graph` computes all modalities in one call.
  bool is_batched(const Graph& graph) const;
  std::vector<FrameInput> frame_inputs(const Graph& original) const;
  /// The kind to measure with: what the user gave, where there is something.
  InputKind measured_kind() const {
    return given.empty() ? InputKind::kNatural : InputKind::kGiven;
  }
  /// The kinds to compare outputs with.
  std::vector<InputKind> proven_kinds() const;
  /// kUsage where the modality `grey` needs another input than `graph`, the original or a batch,
  /// has.
  Result<void> check_grey(const Graph& graph) const;
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

 private:
  struct Slot {
    FrameInput input;
    size_t call = 0;
    ValueId value = kNoValue;  // of the original
  };
  std::vector<Slot> slots(const Graph& original) const;
  Tensor tensor(const Slot& slot, InputKind kind, uint64_t its_seed) const;
};

}  // namespace nitro::optimize
