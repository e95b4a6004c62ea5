#include <algorithm>
#include <map>
#include <set>

#include "ir/is_any.h"
#include "plan/groups.h"

namespace nitro::plan {
namespace {

constexpr size_t kMostNodes = 24;

/// Ops that read each element of their operands a few times at most.
bool reads_once(const Op& op) {
  return is_any<LayerNormalization, SkipLayerNormalization, RMSNormalization, LpNormalization,
                GroupNormalization, Softmax, Reduce, ArgReduce>(op);
}

/// Ops that give one element for each of the operand's, in any case.
bool is_pointwise(const Op& op) {
  return is_any<Unary, nitro::Activation, Gelu, Clip, Binary, Cast, BatchNormalization,
                QuantizeLinear, DequantizeLinear>(op);
}

/// A fusion while it grows from its last node backwards.
struct Growing {
  std::set<NodeId> nodes;
  ValueId result = kNoValue;
  NodeId main = kNoNode;       // the only node that is not fusable
  bool only_pointwise = true;  // but for main: nothing reads an element not at all, or twice
};

class Fuser {
 public:
  Fuser(const Lowering& lowering, const std::vector<bool>& taken)
      : graph_(lowering.graph()),
        uses_(lowering.uses()),
        taken_(taken),
        group_of_(taken.size(), kNone) {}

  std::vector<Fusion> fuse() {
    for (auto id = static_cast<NodeId>(graph_.nodes().size()); id-- > 0;) {
      if (taken_[id] || !uses_.is_live(id) || moves(graph_, graph_.node(id))) continue;
      if (!join(id)) start(id);
    }
    std::vector<Fusion> fusions = several_;
    for (const Growing& group : groups_)
      fusions.push_back({{group.nodes.begin(), group.nodes.end()}, {group.result}});
    return fusions;
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  /// The group that all readers of the value are in, whether or not movement lies between.
  size_t reading_group(ValueId value, std::set<NodeId>& movement) const {
    if (uses_.is_output(value)) return kNone;
    size_t group = kNone;
    for (NodeId reader : uses_.readers(value)) {
      const Node& node = graph_.node(reader);
      size_t found = group_of_[reader];
      if (!taken_[reader] && moves(graph_, node)) {
        if (node.inputs[0] != value) return kNone;
        movement.insert(reader);
        for (ValueId output : node.outputs) {
          if (!uses_.is_used(output)) continue;
          const size_t after = reading_group(output, movement);
          if (found != kNone && found != after) return kNone;
          found = after;
          if (found == kNone) return kNone;
        }
      }
      if (found == kNone || (group != kNone && group != found)) return kNone;
      group = found;
    }
    return group;
  }

  bool join(NodeId id) {
    const Node& node = graph_.node(id);
    for (size_t i = 1; i < node.outputs.size(); ++i) {
      if (uses_.is_used(node.outputs[i])) return false;
    }
    std::set<NodeId> movement;
    const size_t number = reading_group(node.outputs[0], movement);
    if (number == kNone) return false;
    Growing& group = groups_[number];
    if (group.nodes.size() + movement.size() >= kMostNodes) return false;
    const int64_t elements = graph_.type(node.outputs[0]).elements();
    const int64_t results = graph_.type(group.result).elements();
    const bool light = fusable(graph_, node);
    if (light && group.main != kNoNode) {
      const Op& main = graph_.node(group.main).op;
      const bool before_main = id < group.main;
      if (before_main && (!reads_once(main) ||
                          elements < graph_.type(graph_.node(group.main).inputs[0]).elements())) {
        return false;
      }
      if (!before_main && elements < results) return false;
    } else if (light) {
      if (elements < results) return false;
    } else if (group.main != kNoNode || !group.only_pointwise || elements != results) {
      return false;
    }
    for (NodeId moved : movement) {
      if (!is_any<Reshape, Transpose>(graph_.node(moved).op)) group.only_pointwise = false;
    }
    if (!light) group.main = id;
    if (light && group.main == kNoNode && !is_pointwise(node.op)) group.only_pointwise = false;
    group.nodes.insert(id);
    group.nodes.insert(movement.begin(), movement.end());
    group_of_[id] = number;
    return true;
  }

  void start(NodeId id) {
    const Node& node = graph_.node(id);
    std::map<int64_t, std::vector<ValueId>> by_size;
    size_t used = 0;
    for (ValueId output : node.outputs) {
      if (!uses_.is_used(output)) continue;
      by_size[graph_.type(output).elements()].push_back(output);
      ++used;
    }
    if (used > 1) {
      for (auto& [size, results] : by_size) several_.push_back({{id}, std::move(results)});
      return;
    }
    const bool light = fusable(graph_, node);
    group_of_[id] = groups_.size();
    groups_.push_back(
        {{id}, by_size.begin()->second[0], light ? kNoNode : id, is_pointwise(node.op) || !light});
  }

  const Graph& graph_;
  const Uses& uses_;
  const std::vector<bool>& taken_;
  std::vector<size_t> group_of_;
  std::vector<Growing> groups_;
  std::vector<Fusion> several_;  // of nodes with several results
};

}  // namespace

std::vector<Fusion> fusions_of(const Lowering& lowering, const std::vector<bool>& taken) {
  return Fuser(lowering, taken).fuse();
}

}  // namespace nitro::plan
