#include "passes/lossy/between_singles.h"

#include <algorithm>

#include "ir/is_any.h"

namespace nitro::passes {
namespace {

bool moves(const Op& op) {
  return is_any<Reshape, Transpose, Expand, Slice, Split, Tile, Gather, DepthToSpace, SpaceToDepth>(
      op);
}

bool is_cheap(const Op& op) {
  return moves(op) || is_any<Unary, Activation, Gelu, Clip, Binary, Where, Cast, Concat, Pad, Trilu,
                             OneHot, DequantizeLinear>(op);
}

class Filler {
 public:
  Filler(const Graph& graph, const std::vector<std::vector<NodeId>>& readers,
         const std::vector<bool>& single)
      : graph_(graph), readers_(readers), inside_(single), given_(graph.values().size(), false) {
    for (ValueId output : graph.outputs()) given_[output] = true;
    for (NodeId id = 0; id < inside_.size(); ++id)
      if (is_cheap(graph.node(id).op)) inside_[id] = true;
  }

  /// Takes out what is not between, until all that is left is.
  std::vector<bool> fill(const std::vector<bool>& single) {
    for (bool shrinks = true; shrinks;) {
      shrinks = false;
      for (NodeId id = 0; id < inside_.size(); ++id) {
        const Node& node = graph_.node(id);
        if (!inside_[id] || single[id] || (is_read(node) && has_sources(node))) continue;
        inside_[id] = false;
        shrinks = true;
      }
    }
    return std::move(inside_);
  }

 private:
  bool is_f32(ValueId id) const { return id != kNoValue && graph_.type(id).dtype == DType::kF32; }

  /// Whether all that it reads is made inside.
  bool has_sources(const Node& node) const {
    return std::ranges::all_of(node.inputs, [&](ValueId input) {
      if (!is_f32(input) || graph_.constant(input)) return true;
      return graph_.producer(input) && inside_[graph_.value(input).producer];
    });
  }

  /// Whether all readers are inside; of movement, which is better done once, whether one is.
  bool is_read(const Node& node) const {
    size_t readers = 0, others = 0;
    for (ValueId output : node.outputs) {
      readers += readers_[output].size() + (given_[output] ? 1 : 0);
      if (!is_f32(output)) continue;
      others += static_cast<size_t>(
          std::ranges::count_if(readers_[output], [&](NodeId id) { return !inside_[id]; }));
    }
    return others < (moves(node.op) ? readers : std::min<size_t>(readers, 1));
  }

  const Graph& graph_;
  const std::vector<std::vector<NodeId>>& readers_;
  std::vector<bool> inside_;
  std::vector<bool> given_;
};

}  // namespace

void add_between_singles(const Graph& graph, const std::vector<std::vector<NodeId>>& readers,
                         std::vector<bool>& single) {
  single = Filler(graph, readers, single).fill(single);
}

}  // namespace nitro::passes
