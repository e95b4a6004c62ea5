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
         std::vector<bool>& single)
      : graph_(graph), readers_(readers), single_(single), given_(graph.values().size(), false) {
    for (ValueId output : graph.outputs()) given_[output] = true;
  }

  void fill() {
    for (bool changed = true; changed;) changed = add_movement() | add_enclosed();
  }

 private:
  bool is_f32(ValueId id) const { return id != kNoValue && graph_.type(id).dtype == DType::kF32; }

  template <class Holds>
  bool all_readers(const Node& node, Holds holds) const {
    return std::ranges::all_of(node.outputs, [&](ValueId output) {
      return !is_f32(output) || std::ranges::all_of(readers_[output], holds);
    });
  }

  template <class Holds>
  bool all_sources(const Node& node, Holds holds) const {
    return std::ranges::all_of(node.inputs, [&](ValueId input) {
      if (!is_f32(input) || graph_.constant(input)) return true;
      return graph_.producer(input) && holds(graph_.value(input).producer);
    });
  }

  /// Movement from one of them to at least one other.
  bool add_movement() {
    std::vector<bool> wanted(single_.size(), false);
    const auto is_wanted = [&](NodeId id) { return single_[id] || wanted[id]; };
    for (size_t id = single_.size(); id-- > 0;) {
      const Node& node = graph_.node(static_cast<NodeId>(id));
      wanted[id] =
          moves(node.op) && !all_readers(node, [&](NodeId reader) { return !is_wanted(reader); });
    }
    bool changed = false;
    for (NodeId id = 0; id < single_.size(); ++id) {
      const Node& node = graph_.node(id);
      if (!wanted[id] || single_[id] || !is_f32(node.inputs[0]) ||
          graph_.constant(node.inputs[0]) ||
          !all_sources(node, [&](NodeId source) { return single_[source]; }))
        continue;
      single_[id] = changed = true;
    }
    return changed;
  }

  /// Cheap nodes that read only from them, or what they enclose with them, and are read only there.
  bool add_enclosed() {
    std::vector<bool> enclosed = single_;
    for (NodeId id = 0; id < single_.size(); ++id)
      if (is_cheap(graph_.node(id).op)) enclosed[id] = true;
    const auto is_in = [&](NodeId id) { return enclosed[id]; };
    const auto is_read = [&](const Node& node) {
      return std::ranges::any_of(node.outputs,
                                 [&](ValueId id) { return given_[id] || !readers_[id].empty(); });
    };
    for (bool shrinks = true; shrinks;) {
      shrinks = false;
      for (NodeId id = 0; id < single_.size(); ++id) {
        const Node& node = graph_.node(id);
        if (!enclosed[id] || single_[id] ||
            (is_read(node) && all_readers(node, is_in) && all_sources(node, is_in)))
          continue;
        enclosed[id] = false;
        shrinks = true;
      }
    }
    const bool changed = enclosed != single_;
    single_ = std::move(enclosed);
    return changed;
  }

  const Graph& graph_;
  const std::vector<std::vector<NodeId>>& readers_;
  std::vector<bool>& single_;
  std::vector<bool> given_;
};

}  // namespace

void add_between_singles(const Graph& graph, const std::vector<std::vector<NodeId>>& readers,
                         std::vector<bool>& single) {
  Filler(graph, readers, single).fill();
}

}  // namespace nitro::passes
