#include <algorithm>
#include <map>

#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"
#include "passes/weights.h"

namespace nitro::passes {
namespace {

/// A LayerNorm whose scale and shift move on, or a layer that takes them up.
struct Affine {
  const Node* norm;
  std::vector<double> scale, shift;
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

  Tensor scaled(const std::vector<double>& scale) const {
    Weights result(weight);
    for (size_t i = 0; i < result.values.size(); ++i) {
      result.values[i] *= scale[transposed ? i % inputs() : i / outputs()];
    }
    return result.tensor();
  }
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

size_t scale_operand(const Node& norm) {
  return std::holds_alternative<SkipLayerNormalization>(norm.op) ? 2 : 1;
}

ValueId operand(const Node& node, size_t i) {
  return i < node.inputs.size() ? node.inputs[i] : kNoValue;
}

/// Whether `node` only moves whole vectors of its first operand.
bool moves_rows(const Graph& graph, const Node& node, ValueId value) {
  if (node.inputs[0] != value) return false;
  const Shape& from = graph.type(value).shape;
  const Shape& to = graph.type(node.outputs[0]).shape;
  if (from.empty() || to.empty() || from.back() != to.back()) return false;
  const auto last = static_cast<int64_t>(from.size()) - 1;
  if (std::holds_alternative<Reshape>(node.op)) return true;
  if (const auto* transpose = std::get_if<Transpose>(&node.op))
    return transpose->perm.back() == last;
  if (const auto* slice = std::get_if<Slice>(&node.op)) return slice->steps.back() == 1;
  const auto* gather = std::get_if<Gather>(&node.op);
  return gather && gather->axis < last;
}

class Folder {
 public:
  explicit Folder(const Graph& graph) : graph_(graph), uses_(use_counts(graph)) {
    readers_.resize(graph.values().size());
    for (const Node& node : graph.nodes()) {
      for (ValueId input : node.inputs) {
        if (input != kNoValue) readers_[input].push_back(&node);
      }
    }
    for (const Node& node : graph.nodes()) plan(node);
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
  void plan(const Node& node) {
    const auto* op = std::get_if<LayerNormalization>(&node.op);
    if (!op && !std::holds_alternative<SkipLayerNormalization>(node.op)) return;
    const ValueId y = node.outputs[0];
    if (op && op->axis != graph_.type(y).rank() - 1) return;
    const size_t at = scale_operand(node);
    const Tensor* scale = graph_.constant(node.inputs[at]);
    const ValueId bias = operand(node, at + 1);
    if (!scale || (bias != kNoValue && !graph_.constant(bias))) return;
    if (splat(graph_, node.inputs[at]) == 1 && bias == kNoValue) return;
    std::vector<const Node*> ends;
    if (!collect_layers(y, ends) || ends.empty()) return;
    const std::vector<double> zeros(static_cast<size_t>(scale->elements()), 0);
    const Affine& affine =
        norms_
            .emplace(&node, Affine{&node, scale->as<double>(),
                                   bias == kNoValue ? zeros : graph_.constant(bias)->as<double>()})
            .first->second;
    for (const Node* end : ends) {
      layers_[end] = &affine;
      if (const Node* add = bias_of(*end)) biased_[add] = end;
    }
  }

  /// The layers that read `value`, also through movement of rows; false if anything else does.
  bool collect_layers(ValueId value, std::vector<const Node*>& ends) const {
    if (uses_[value] != readers_[value].size()) return false;  // a graph output
    for (const Node* reader : readers_[value]) {
      if (moves_rows(graph_, *reader, value)) {
        if (!collect_layers(reader->outputs[0], ends)) return false;
      } else if (is_layer(*reader, value)) {
        ends.push_back(reader);
      } else {
        return false;
      }
    }
    return true;
  }

  bool is_layer(const Node& node, ValueId value) const {
    if (node.inputs[0] != value || !graph_.constant(operand(node, 1)) ||
        graph_.type(node.inputs[1]).rank() != 2) {
      return false;
    }
    if (node.op == Op(MatMul{})) return true;
    const ValueId bias = operand(node, 2);
    if (bias != kNoValue && !graph_.constant(bias)) return false;
    if (std::holds_alternative<ProjectedAttention>(node.op)) return bias != kNoValue;
    const auto* gemm = std::get_if<Gemm>(&node.op);
    const int64_t outputs = graph_.type(node.outputs[0]).shape.back();
    return gemm && !gemm->transpose_a && gemm->beta == 1 &&
           (bias == kNoValue || graph_.type(bias).elements() == outputs) &&
           (bias == kNoValue || graph_.type(bias).shape.back() == outputs);
  }

  /// The Add of a constant vector to the product `node`, if nothing else reads that.
  const Node* bias_of(const Node& node) const {
    if (node.op != Op(MatMul{}) || uses_[node.outputs[0]] != 1) return nullptr;
    if (readers_[node.outputs[0]].empty()) return nullptr;
    const Node* reader = readers_[node.outputs[0]][0];
    const auto layer = linear(graph_, uses_, reader->outputs[0]);
    return layer && layer->bias != kNoValue && layer->nodes[0] == &node ? reader : nullptr;
  }

  Product product(const Node& node) const {
    const auto* gemm = std::get_if<Gemm>(&node.op);
    return {*graph_.constant(node.inputs[1]), gemm && gemm->transpose_b, gemm ? gemm->alpha : 1};
  }

  Result<bool> plain_norm(Rewriter& rewriter, const Node& node, const Affine& affine) const {
    std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
    const size_t at = scale_operand(node);
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
    inputs[1] = rewriter.add_constant(layer.scaled(affine.scale));
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
  std::vector<std::vector<const Node*>> readers_;
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
