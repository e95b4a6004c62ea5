#include <algorithm>
#include <map>

#include "passes/match.h"
#include "passes/norms_before_layers.h"
#include "passes/passes.h"
#include "passes/rewriter.h"
#include "passes/weights.h"

namespace nitro::passes {
namespace {

/// A LayerNorm whose scale and shift move on, or a layer that takes them up.
struct Affine {
  const Node* norm;
  std::vector<double> scale, shift;
  size_t scale_operand;
  bool shifts() const {
    return std::ranges::any_of(shift, [](double each) { return each != 0; });
  }
};

/// A weight [in, out] (or [out, in]) that multiplies what was scaled and shifted before.
struct Product {
  const Tensor& weight;
  bool transposed = false;
  double alpha = 1;

  size_t inputs() const { return static_cast<size_t>(weight.shape()[transposed ? 1 : 0]); }
  size_t outputs() const { return static_cast<size_t>(weight.shape()[transposed ? 0 : 1]); }

  /// bias + alpha * shift @ weight; `bias` may be nullptr.
  Tensor shifted(const Tensor* bias, const std::vector<double>& shift) const {
    const std::vector<double> values = weight.as<double>();
    Weights result(TensorType{weight.dtype(), {static_cast<int64_t>(outputs())}});
    for (size_t i = 0; i < values.size(); ++i) {
      const size_t input = transposed ? i % inputs() : i / outputs();
      result.values[transposed ? i / inputs() : i % outputs()] += alpha * shift[input] * values[i];
    }
    const std::vector<double> start = bias ? bias->as<double>() : std::vector<double>{};
    for (size_t i = 0; i < start.size(); ++i) result.values[i] += start[i];
    return result.tensor();
  }
};

class Folder {
 public:
  explicit Folder(const Graph& graph) : graph_(graph), uses_(use_counts(graph)) {
    for (const NormBeforeLayers& found : norms_before_layers(graph)) plan(found);
  }

  bool empty() const { return norms_.empty(); }

  Result<bool> operator()(Rewriter& rewriter, const Node& node) const {
    if (const auto norm = norms_.find(&node); norm != norms_.end())
      return plain_norm(rewriter, node, norm->second);
    if (const auto layer = layers_.find(&node); layer != layers_.end())
      return fold_into(rewriter, node, *layer->second);
    if (const auto product = biased_.find(&node); product != biased_.end())
      return fold_into_bias(rewriter, node, *product->second);
    return false;
  }

 private:
  void plan(const NormBeforeLayers& found) {
    const ValueId bias = found.shift();
    if (splat(graph_, found.scale()) == 1 && bias == kNoValue) return;
    Affine affine{
        found.norm, graph_.constant(found.scale())->as<double>(), {}, found.scale_operand()};
    affine.shift.resize(affine.scale.size(), 0.0);
    if (bias != kNoValue) affine.shift = graph_.constant(bias)->as<double>();
    const Affine& kept = norms_.emplace(found.norm, std::move(affine)).first->second;
    for (const Node* layer : found.layers) {
      layers_[layer] = &kept;
      if (const Node* add = bias_of(*layer)) biased_[add] = layer;
    }
  }

  /// The Add of a constant vector to the product `node`, if nothing else reads that.
  const Node* bias_of(const Node& node) const {
    const ValueId product = node.outputs[0];
    if (node.op != Op(MatMul{}) || uses_[product] != 1) return nullptr;
    for (const Node& reader : graph_.nodes()) {
      if (std::ranges::find(reader.inputs, product) == reader.inputs.end()) continue;
      const auto layer = linear(graph_, uses_, reader.outputs[0]);
      return layer && layer->bias != kNoValue && layer->nodes[0] == &node ? &reader : nullptr;
    }
    return nullptr;
  }

  Product product(const Node& node) const {
    const auto* gemm = std::get_if<Gemm>(&node.op);
    return {*graph_.constant(node.inputs[1]), transposes_weight(node), gemm ? gemm->alpha : 1};
  }

  Result<bool> plain_norm(Rewriter& rewriter, const Node& node, const Affine& affine) const {
    std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
    const size_t at = affine.scale_operand;
    const Tensor& scale = *graph_.constant(node.inputs[at]);
    inputs[at] = rewriter.add_constant(
        Tensor::of(scale.dtype(), scale.shape(), std::vector<double>(affine.scale.size(), 1)));
    if (at + 1 < inputs.size()) inputs[at + 1] = kNoValue;
    while (inputs.back() == kNoValue) inputs.pop_back();
    const auto outputs = TRY(rewriter.emit_all(node.op, inputs, {&node}));
    for (size_t i = 0; i < outputs.size(); ++i) rewriter.replace(node.outputs[i], outputs[i]);
    return true;
  }

  Result<bool> fold_into(Rewriter& rewriter, const Node& node, const Affine& affine) const {
    const Product layer = product(node);
    std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
    inputs[1] = rewriter.add_constant(scale_rows(layer.weight, layer.transposed, affine.scale));
    const bool separate = node.op == Op(MatMul{});
    const std::vector<const Node*> from = {&node, affine.norm};
    if (affine.shifts() && !separate) {
      inputs.resize(std::max<size_t>(inputs.size(), 3), kNoValue);
      inputs[2] =
          rewriter.add_constant(layer.shifted(graph_.constant(operand(node, 2)), affine.shift));
    }
    ValueId y = TRY(rewriter.emit(node.op, inputs, from));
    if (affine.shifts() && separate && !bias_of(node)) {
      const ValueId bias = rewriter.add_constant(layer.shifted(nullptr, affine.shift));
      y = TRY(rewriter.emit(Binary{BinaryKind::kAdd}, {y, bias}, from));
    }
    rewriter.replace(node.outputs[0], y);
    return true;
  }

  Result<bool> fold_into_bias(Rewriter& rewriter, const Node& add, const Node& matmul) const {
    const Affine& affine = *layers_.at(&matmul);
    if (!affine.shifts()) return false;
    const size_t side = add.inputs[0] == matmul.outputs[0] ? 1 : 0;
    std::vector<ValueId> inputs = rewriter.mapped(add.inputs);
    inputs[side] = rewriter.add_constant(
        product(matmul).shifted(graph_.constant(add.inputs[side]), affine.shift));
    rewriter.replace(add.outputs[0], TRY(rewriter.emit(add.op, inputs, {&add, affine.norm})));
    return true;
  }

  const Graph& graph_;
  std::vector<uint32_t> uses_;
  std::map<const Node*, Affine> norms_;
  std::map<const Node*, const Affine*> layers_;
  std::map<const Node*, const Node*> biased_;  // the Add of a bias, to the product before it
};

}  // namespace

Result<bool> fold_layer_norm(Graph& graph, const Parameters&) {
  const Folder folder(graph);
  if (folder.empty()) return false;
  return rewrite(graph, folder, 1);
}

}  // namespace nitro::passes
