#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "cost/cost.h"
#include "ir/is_any.h"
#include "ir/print_op.h"
#include "predict/layer.h"
#include "predict/product_sizes.h"
#include "predict/stored_values.h"

namespace nitro::predict {
namespace {

constexpr size_t kNoLayer = std::numeric_limits<size_t>::max();

bool is_elementwise(const Op& op) {
  return is_any<Unary, Activation, Gelu, Clip, Binary, Where, Cast, BatchNormalization,
                QuantizeLinear, DequantizeLinear>(op);
}

bool is_product(Family family) { return family <= Family::kProduct; }

/// Activations that a product's kernel applies to its result.
bool is_epilogue(const Op& op) {
  if (const auto* unary = std::get_if<Unary>(&op)) return unary->kind == UnaryKind::kRelu;
  return is_any<Clip>(op);
}

struct Group {
  Layer layer;
  std::vector<NodeId> nodes;
};

/// Groups the nodes of one graph, in execution order.
class Grouping {
 public:
  Grouping(const Graph& graph, Fusion fusion)
      : graph_(graph),
        fusion_(fusion),
        stored_(graph, fusion),
        layer_of_(graph.values().size(), kNoLayer) {}

  std::vector<Layer> layers() {
    for (NodeId id = 0; id < graph_.nodes().size(); ++id) place(id);
    // A chain that takes something in late runs late.
    std::ranges::stable_sort(groups_, {}, [](const Group& group) { return group.nodes.back(); });
    for (Group& group : groups_) fill_traffic(group);
    merge_siblings();
    std::vector<Layer> layers;
    for (Group& group : groups_) {
      if (group.nodes.empty() || is_nothing(group.layer)) continue;
      describe(group);
      layers.push_back(std::move(group.layer));
    }
    return layers;
  }

 private:
  /// The layer that makes `value`, if a node that reads it may be put into it.
  size_t open_layer(ValueId value) const {
    if (!stored_.is_computed(value)) return kNoLayer;
    const bool alone = stored_.readers(value).size() == 1;
    const bool gated = fusion_ == Fusion::kTensorrt10 && is_gated(value);
    return alone || gated ? layer_of_[stored_.of(value)] : kNoLayer;
  }

  /// Whether all that reads `value` is a product of it with a function of it, as in Swish and Mish.
  bool is_gated(ValueId value) const {
    const std::vector<const Node*>& readers = stored_.readers(value);
    if (readers.size() != 2 || !readers[0] || !readers[1]) return false;
    const Node* function = readers[0];
    while (function && is_any<Unary, Activation, Clip>(function->op)) {
      const std::vector<const Node*>& next = stored_.readers(function->outputs[0]);
      function = next.size() == 1 ? next[0] : nullptr;
    }
    const auto* product = function ? std::get_if<Binary>(&function->op) : nullptr;
    return product && product->kind == BinaryKind::kMul && function == readers[1];
  }

  bool joins(const Node& node, ValueId operand, size_t layer) const {
    if (graph_.type(operand).elements() != graph_.type(node.outputs[0]).elements()) return false;
    const Family family = groups_[layer].layer.family;
    if (is_any<Opaque>(graph_.node(groups_[layer].nodes[0]).op)) return false;
    if (family == Family::kElementwise) return true;
    if (fusion_ == Fusion::kTensorrt10) return is_product(family) || family == Family::kReduce;
    if (!is_product(family) || closed_.contains(layer)) return false;
    const auto* binary = std::get_if<Binary>(&node.op);
    if (!binary) return is_epilogue(node.op);
    return binary->kind == BinaryKind::kAdd && std::ranges::all_of(node.inputs, [&](ValueId other) {
             return other == operand || !stored_.is_computed(other) ||
                    graph_.type(other).elements() == graph_.type(operand).elements();
           });
  }

  std::optional<size_t> layer_to_join(const Node& node) const {
    if (fusion_ == Fusion::kTensorrt6) return layer_before_activation(node);
    std::optional<size_t> found;
    for (ValueId input : node.inputs) {
      const size_t layer = open_layer(input);
      // The later one: the other operand of a sum is there when it starts.
      if (layer != kNoLayer && joins(node, input, layer) && (!found || layer > *found))
        found = layer;
    }
    return found;
  }

  std::optional<size_t> layer_before_activation(const Node& node) const {
    if (!is_epilogue(node.op) || !stored_.is_computed(node.inputs[0])) return std::nullopt;
    const size_t layer = layer_of_[stored_.of(node.inputs[0])];
    return layer == kNoLayer ? std::nullopt : std::optional(layer);
  }

  void place(NodeId id) {
    const Node& node = graph_.node(id);
    if (!stored_.is_executed(node)) return;  // a view, or made before
    std::optional<size_t> layer;
    if (is_elementwise(node.op)) layer = layer_to_join(node);
    if (!layer) {
      layer = groups_.size();
      groups_.push_back({{family_of(graph_, node), product_sizes(graph_, node)}, {}});
    } else if (is_epilogue(node.op)) {
      closed_.insert(*layer);  // an activation ends what a product's kernel does
    }
    groups_[*layer].nodes.push_back(id);
    groups_[*layer].layer.flops += cost::cost_of(graph_, node).flops;
    for (ValueId output : node.outputs) {
      if (output != kNoValue) layer_of_[output] = *layer;
    }
  }

  /// What of a concatenation has to be copied: operands that are no results of kernels, and all
  /// where the parts of the result alternate.
  double copied(const Node& node, int64_t axis) const {
    const Shape& shape = graph_.type(node.outputs[0]).shape;
    const bool alternate = std::any_of(shape.begin(), shape.begin() + axis,
                                       [](int64_t length) { return length != 1; });
    double elements = 0;
    std::set<ValueId> placed;
    for (ValueId input : node.inputs) {
      const bool again = !placed.insert(stored_.of(input)).second;
      if (alternate || again || layer_of_[stored_.of(input)] == kNoLayer)
        elements += static_cast<double>(graph_.type(input).elements());
    }
    return elements;
  }

  bool is_read_outside(ValueId value, const std::set<NodeId>& members) const {
    return std::ranges::any_of(stored_.readers(value), [&](const Node* reader) {
      return !reader || !members.contains(static_cast<NodeId>(reader - graph_.nodes().data()));
    });
  }

  void fill_traffic(Group& group) const {
    Layer& layer = group.layer;
    const Node& first = graph_.node(group.nodes[0]);
    if (const auto* concat = std::get_if<Concat>(&first.op)) {
      layer.elements_read = layer.elements_written = copied(first, concat->axis);
      return;
    }
    const std::set<NodeId> members(group.nodes.begin(), group.nodes.end());
    std::set<ValueId> read;
    for (NodeId id : group.nodes) {
      for (ValueId input : graph_.node(id).inputs) {
        if (input == kNoValue || !read.insert(stored_.of(input)).second) continue;
        const auto elements = static_cast<double>(graph_.type(stored_.of(input)).elements());
        if (!stored_.is_computed(input)) {
          layer.weights_read += elements;
        } else if (!members.contains(graph_.value(stored_.of(input)).producer)) {
          layer.elements_read += elements;
        }
      }
    }
    for (NodeId id : group.nodes) {
      for (ValueId output : graph_.node(id).outputs) {
        if (output != kNoValue && is_read_outside(output, members))
          layer.elements_written += static_cast<double>(graph_.type(output).elements());
      }
    }
    // Slices, gathers and the like read no more than they write.
    if (layer.family == Family::kMovement && !is_any<Resize>(first.op)) {
      layer.elements_read = std::min(layer.elements_read, layer.elements_written);
      layer.weights_read = std::min(layer.weights_read, layer.elements_written);
    }
  }

  /// Convolutions of one value that differ only in their weights are one kernel, but for those
  /// whose results are concatenated: these are written in place.
  void merge_siblings() {
    std::map<std::string, size_t> first_of;
    for (size_t i = 0; i < groups_.size(); ++i) {
      const std::optional<std::string> key = sibling_key(groups_[i]);
      if (!key) continue;
      const auto [place, is_first] = first_of.emplace(*key, i);
      if (is_first) continue;
      Layer& first = groups_[place->second].layer;
      const Layer& other = groups_[i].layer;
      first.product.columns += other.product.columns;
      first.flops += other.flops;
      first.elements_written += other.elements_written;
      first.weights_read += other.weights_read;
      std::vector<NodeId>& nodes = groups_[place->second].nodes;
      nodes.insert(nodes.end(), groups_[i].nodes.begin(), groups_[i].nodes.end());
      groups_[i].nodes.clear();
    }
  }

  std::optional<std::string> sibling_key(const Group& group) const {
    const Node& node = graph_.node(group.nodes[0]);
    const auto* conv = std::get_if<Conv>(&node.op);
    if (!conv || conv->group != 1 || has_residual(group)) return std::nullopt;
    const ValueId result = graph_.node(group.nodes.back()).outputs[0];
    for (const Node* reader : stored_.readers(result)) {
      if (reader && is_any<Concat>(reader->op)) return std::nullopt;
    }
    std::string key = fmt::format("{} {}", stored_.of(node.inputs[0]), print_op(node.op));
    for (size_t i = 1; i < group.nodes.size(); ++i) key += print_op(graph_.node(group.nodes[i]).op);
    return key + text(Shape(graph_.type(node.inputs[1]).shape.begin() + 1,
                            graph_.type(node.inputs[1]).shape.end()));
  }

  bool has_residual(const Group& group) const {
    return std::ranges::any_of(group.nodes, [&](NodeId id) {
      const auto* binary = std::get_if<Binary>(&graph_.node(id).op);
      return binary && stored_.is_computed(graph_.node(id).inputs[0]) &&
             stored_.is_computed(graph_.node(id).inputs[1]);
    });
  }

  /// A concatenation in place.
  static bool is_nothing(const Layer& layer) {
    return layer.family == Family::kMovement && layer.elements_written == 0;
  }

  void describe(Group& group) const {
    std::set<OriginId> origins;
    for (NodeId id : group.nodes) {
      const Node& node = graph_.node(id);
      group.layer.ops += (group.layer.ops.empty() ? "" : " + ") + display_name(node.op);
      origins.insert(node.origins.begin(), node.origins.end());
    }
    group.layer.origins.assign(origins.begin(), origins.end());
  }

  const Graph& graph_;
  const Fusion fusion_;
  StoredValues stored_;
  std::vector<size_t> layer_of_;  // of each stored value
  std::vector<Group> groups_;
  std::set<size_t> closed_;
};

}  // namespace

std::vector<Layer> tensorrt_layers(const Graph& graph, Fusion fusion) {
  return Grouping(graph, fusion).layers();
}

}  // namespace nitro::predict
