#pragma once

#include <vector>

#include "ir/graph.h"

namespace nitro::plan {

/// Who reads the values of a graph; nodes that no output needs do not count.
class Uses {
 public:
  explicit Uses(const Graph& graph);

  /// Reading nodes in execution order, each as often as it reads the value.
  const std::vector<NodeId>& readers(ValueId value) const { return readers_[value]; }
  bool is_output(ValueId value) const { return outputs_[value]; }
  bool is_live(NodeId node) const { return live_[node]; }
  bool is_used(ValueId value) const { return outputs_[value] || !readers_[value].empty(); }
  /// The only reader of a value that is no output, or kNoNode.
  NodeId only_reader(ValueId value) const {
    return !outputs_[value] && readers_[value].size() == 1 ? readers_[value][0] : kNoNode;
  }

 private:
  std::vector<std::vector<NodeId>> readers_;
  std::vector<bool> outputs_;
  std::vector<bool> live_;
};

}  // namespace nitro::plan
