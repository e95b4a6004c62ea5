#include "passes/lossy/quantizable_layers.h"

#include <algorithm>

#include "passes/match.h"

namespace nitro::passes {
namespace {

class Finder {
 public:
  explicit Finder(const Graph& graph) : graph_(graph), uses_(use_counts(graph)) {}

  std::vector<QuantizableLayer> all() const {
    std::vector<QuantizableLayer> layers;
    for (const Node& node : graph_.nodes()) {
      auto layer = find(node);
      if (!layer || graph_.type(layer->x).dtype != DType::kF32 || graph_.constant(layer->x))
        continue;
      if (node.op == Op(Binary{BinaryKind::kAdd}))  // the product alone was found before
        std::erase_if(layers, [&](const auto& other) { return other.nodes[0] == layer->nodes[0]; });
      layers.push_back(*std::move(layer));
    }
    return layers;
  }

 private:
  std::optional<QuantizableLayer> find(const Node& node) const {
    if (std::holds_alternative<Conv>(node.op)) return convolution(node);
    if (const auto* gemm = std::get_if<Gemm>(&node.op)) return matrix_product(node, *gemm);
    if (node.outputs.size() != 1) return std::nullopt;
    const auto found = linear(graph_, uses_, node.outputs[0]);
    if (!found || graph_.type(found->x).rank() < 2) return std::nullopt;
    return QuantizableLayer{found->x, found->weight, found->bias, node.outputs[0], 1, found->nodes};
  }

  std::optional<QuantizableLayer> matrix_product(const Node& node, const Gemm& gemm) const {
    const ValueId bias = node.inputs.size() > 2 ? node.inputs[2] : kNoValue;
    if (gemm.transpose_a || gemm.alpha != 1 || gemm.beta != 1) return std::nullopt;
    const int64_t channels = graph_.type(node.outputs[0]).shape.back();
    if (!graph_.constant(node.inputs[1]) || !is_bias(bias, channels)) return std::nullopt;
    return QuantizableLayer{node.inputs[0],  node.inputs[1],           bias,
                            node.outputs[0], gemm.transpose_b ? 0 : 1, {&node}};
  }

  std::optional<QuantizableLayer> convolution(const Node& node) const {
    const ValueId bias = node.inputs.size() > 2 ? node.inputs[2] : kNoValue;
    const ValueId y = node.outputs[0];
    if (!graph_.constant(node.inputs[1]) || !is_bias(bias, graph_.type(y).shape[1]))
      return std::nullopt;
    QuantizableLayer layer{node.inputs[0], node.inputs[1], bias, y, 0, {&node}};
    const Node* reader = uses_[y] == 1 ? reader_of(y) : nullptr;
    const bool limits = reader && (reader->op == Op(Unary{UnaryKind::kRelu}) ||
                                   std::holds_alternative<Clip>(reader->op));
    if (!limits) return layer;
    layer.nodes.push_back(reader);
    layer.output = reader->outputs[0];
    return layer;
  }

  const Node* reader_of(ValueId value) const {
    const auto reads = [&](const Node& node) {
      return std::ranges::find(node.inputs, value) != node.inputs.end();
    };
    const auto found = std::ranges::find_if(graph_.nodes(), reads);
    return found == graph_.nodes().end() ? nullptr : &*found;
  }

  /// Whether `value` is none, or a constant vector of `channels`.
  bool is_bias(ValueId value, int64_t channels) const {
    return value == kNoValue ||
           (graph_.constant(value) && graph_.type(value).shape == Shape{channels});
  }

  const Graph& graph_;
  const std::vector<uint32_t> uses_;
};

}  // namespace

bool QuantizableLayer::is_convolution() const { return std::holds_alternative<Conv>(node().op); }

std::vector<QuantizableLayer> quantizable_layers(const Graph& graph) { return Finder(graph).all(); }

}  // namespace nitro::passes
