#pragma once

#include <optional>
#include <string>
#include <vector>

#include "predict/layer.h"

namespace nitro::predict {

/// Which values of a graph a runtime keeps, and who reads them: reshapes and transposes of single
/// axes are views, dequantised weights are weights, and equal ops of the same values are executed
/// once. For kTensorrt10 what only moves the operands and results of an Attention, or of a product
/// of two computed values, is a view too: their kernels read and write them wherever they lie.
class StoredValues {
 public:
  StoredValues(const Graph& graph, Fusion fusion);

  /// The value that is kept for `value`.
  ValueId of(ValueId value) const { return stored_[value]; }
  /// Whether it is no constant and not absent.
  bool is_computed(ValueId value) const {
    return value != kNoValue && !graph_.constant(stored_[value]);
  }
  /// Whether `node` makes something that is not kept for another one.
  bool is_executed(const Node& node) const {
    return node.outputs[0] == kNoValue || stored_[node.outputs[0]] == node.outputs[0];
  }
  /// The nodes that read what is kept for `value`; nullptr: it is an output of the graph.
  const std::vector<const Node*>& readers(ValueId value) const { return readers_[stored_[value]]; }

 private:
  bool is_view(const Node& node) const;
  std::optional<std::string> repeatable(const Node& node) const;

  const Graph& graph_;
  std::vector<ValueId> stored_;
  std::vector<std::vector<const Node*>> readers_;
};

}  // namespace nitro::predict
