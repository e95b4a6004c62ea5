#include "passes/lossy/dense.h"

#include <algorithm>
#include <set>

#include "ir/common_module.h"

namespace nitro::passes {
namespace {

/// Whether `node` is a product by a constant matrix that DenseLayers can read and write again.
bool is_product(const Graph& graph, const Node& node) {
  const auto* matmul = std::get_if<MatMul>(&node.op);
  const auto* gemm = std::get_if<Gemm>(&node.op);
  if ((!matmul || matmul->transpose_a) && (!gemm || gemm->transpose_a)) return false;
  if (!graph.constant(node.inputs[1]) || graph.type(node.inputs[1]).rank() != 2) return false;
  if (graph.constant(node.inputs[0]) || graph.type(node.inputs[0]).rank() < 2) return false;
  if (node.inputs.size() < 3 || node.inputs[2] == kNoValue) return true;
  const int64_t out = graph.type(node.outputs[0]).shape.back();
  const Tensor* bias = graph.constant(node.inputs[2]);
  return bias && bias->elements() == out && !bias->shape().empty() && bias->shape().back() == out;
}

std::string name_of(const Graph& graph, const Node& node) {
  std::string name = common_module(node.origins, graph.origins());
  if (name.empty() && !node.origins.empty()) name = graph.origins()[node.origins[0]].node;
  return name.empty() ? graph.value(node.outputs[0]).name : name;
}

}  // namespace

std::vector<const Node*> Dense::nodes() const {
  return add ? std::vector{product, add} : std::vector{product};
}

DenseLayers::DenseLayers(const Graph& graph) : graph_(graph) {
  const std::vector<uint32_t> uses = use_counts(graph);
  for (const Node& node : graph.nodes()) find(node, uses);
  std::map<std::string, int> times;
  for (Dense& layer : layers_) {
    const int time = ++times[layer.name];
    if (time > 1) layer.name += fmt::format("#{}", time);
  }
}

void DenseLayers::find(const Node& node, const std::vector<uint32_t>& uses) {
  const ValueId y = node.outputs[0];
  if (is_product(graph_, node)) {
    by_output_[y] = layers_.size();
    layers_.push_back({&node, nullptr, node.inputs[0], y, name_of(graph_, node)});
    return;
  }
  if (node.op != Op(Binary{BinaryKind::kAdd})) return;
  for (size_t side : {0, 1}) {
    const auto found = by_output_.find(node.inputs[side]);
    const Tensor* bias = graph_.constant(node.inputs[1 - side]);
    if (found == by_output_.end() || !bias || uses[node.inputs[side]] != 1) continue;
    Dense& layer = layers_[found->second];
    if (layer.add || !std::holds_alternative<MatMul>(layer.product->op) ||
        bias->shape() != Shape{graph_.type(y).shape.back()} ||
        graph_.type(layer.y) != graph_.type(y))
      continue;
    const size_t index = found->second;
    by_output_.erase(found);
    by_output_[y] = index;
    layer.add = &node;
    layer.y = y;
    return;
  }
}

const Dense* DenseLayers::making(ValueId y) const {
  const auto found = by_output_.find(y);
  return found == by_output_.end() ? nullptr : &layers_[found->second];
}

Matrix DenseLayers::weight(const Dense& layer) const {
  const Tensor& tensor = *graph_.constant(layer.product->inputs[1]);
  const auto* matmul = std::get_if<MatMul>(&layer.product->op);
  const auto* gemm = std::get_if<Gemm>(&layer.product->op);
  Matrix matrix(static_cast<size_t>(tensor.shape()[0]), static_cast<size_t>(tensor.shape()[1]));
  matrix.values = tensor.as<double>();
  for (double& value : matrix.values) value *= matmul ? matmul->alpha : gemm->alpha;
  return (matmul ? matmul->transpose_b : gemm->transpose_b) ? transposed(matrix) : matrix;
}

std::vector<double> DenseLayers::bias(const Dense& layer) const {
  const Node* node = layer.add ? layer.add : layer.product;
  const auto* gemm = std::get_if<Gemm>(&node->op);
  const Tensor* tensor = nullptr;
  if (layer.add) {
    tensor = graph_.constant(node->inputs[graph_.constant(node->inputs[0]) ? 0 : 1]);
  } else if (gemm && node->inputs.size() > 2) {
    tensor = graph_.constant(node->inputs[2]);
  }
  if (!tensor) return std::vector<double>(static_cast<size_t>(graph_.type(layer.y).shape.back()));
  std::vector<double> values = tensor->as<double>();
  for (double& value : values) value *= gemm ? gemm->beta : 1;
  return values;
}

Tensor to_tensor(const Matrix& matrix, DType dtype) {
  return Tensor::of(dtype,
                    {static_cast<int64_t>(matrix.rows), static_cast<int64_t>(matrix.columns)},
                    matrix.values);
}

Tensor to_tensor(const std::vector<double>& vector, DType dtype) {
  return Tensor::of(dtype, {static_cast<int64_t>(vector.size())}, vector);
}

Result<void> emit_dense(Rewriter& rewriter, const Node& node, const Dense& layer,
                        const DenseParameters& parameters, ValueId x) {
  const DType dtype = rewriter.source().type(layer.y).dtype;
  const std::vector<const Node*> from = layer.nodes();
  const auto bias = [&] { return rewriter.add_constant(to_tensor(parameters.bias, dtype)); };
  const auto add = [&](ValueId product) {
    return rewriter.emit(Binary{BinaryKind::kAdd}, {product, bias()}, from);
  };
  if (&node == layer.add) {
    rewriter.replace(layer.y, TRY(add(rewriter.mapped(layer.product->outputs[0]))));
    return {};
  }
  const bool gemm = std::holds_alternative<Gemm>(layer.product->op);
  const bool biased = std::ranges::any_of(parameters.bias, [](double each) { return each != 0; });
  std::vector<ValueId> inputs = {x == kNoValue ? rewriter.mapped(layer.x) : x,
                                 rewriter.add_constant(to_tensor(parameters.weight, dtype))};
  if (gemm && biased) inputs.push_back(bias());
  ValueId y = TRY(rewriter.emit(gemm ? Op(Gemm{}) : Op(MatMul{}), inputs, from));
  if (!gemm && !layer.add && biased) y = TRY(add(y));
  rewriter.replace(layer.product->outputs[0], y);
  return {};
}

}  // namespace nitro::passes
