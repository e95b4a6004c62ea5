#include <map>

#include "passes/lossy/neurons.h"
#include "passes/lossy/points.h"
#include "passes/lossy/select.h"
#include "passes/lossy/strengths.h"
#include "passes/passes.h"

namespace nitro::passes {
namespace {

/// A self-attention, and the linear layer that joins its heads.
struct Heads {
  const Node* attention = nullptr;
  std::vector<const Node*> between;  // Reshapes that keep the last axis
  const Dense* output = nullptr;

  const ProjectedAttention& op() const { return std::get<ProjectedAttention>(attention->op); }
};

/// Whether the parameters of an attention are constants that can be taken apart by heads.
bool can_be_taken_apart(const Graph& graph, const Node& attention) {
  const auto& op = std::get<ProjectedAttention>(attention.op);
  if (!graph.constant(attention.inputs[1]) || !graph.constant(attention.inputs[2])) return false;
  if (attention.inputs.size() < 4 || attention.inputs[3] == kNoValue) return true;
  const Tensor* bias = graph.constant(attention.inputs[3]);
  const int64_t heads_axis = bias ? bias->type().rank() - 3 : 0;
  return bias && (heads_axis < 0 || bias->shape()[static_cast<size_t>(heads_axis)] == 1 ||
                  bias->shape()[static_cast<size_t>(heads_axis)] == op.heads);
}

/// Attentions whose result only one linear layer reads.
std::vector<Heads> find_heads(const DenseLayers& layers) {
  const Graph& graph = layers.graph();
  const std::vector<uint32_t> uses = use_counts(graph);
  std::vector<Heads> found;
  for (const Dense& output : layers.all()) {
    Heads heads{nullptr, {}, &output};
    ValueId value = output.x;
    const Node* node = graph.producer(value);
    while (node && uses[value] == 1 && std::holds_alternative<Reshape>(node->op) &&
           graph.type(node->inputs[0]).shape.back() == graph.type(value).shape.back()) {
      heads.between.push_back(node);
      value = node->inputs[0];
      node = graph.producer(value);
    }
    if (!node || uses[value] != 1 || !std::holds_alternative<ProjectedAttention>(node->op) ||
        !can_be_taken_apart(graph, *node))
      continue;
    heads.attention = node;
    found.push_back(std::move(heads));
  }
  return found;
}

/// A bias that broadcasts to [batch, heads, tokens, tokens], of some of the heads.
Tensor heads_part(const Tensor& bias, const std::vector<size_t>& heads) {
  const auto rank = bias.shape().size();
  if (rank < 3 || bias.shape()[rank - 3] == 1) return bias;
  const auto all = static_cast<size_t>(bias.shape()[rank - 3]);
  const auto size = static_cast<size_t>(bias.shape()[rank - 2] * bias.shape()[rank - 1]);
  const std::vector<double> values = bias.as<double>();
  std::vector<double> kept;
  for (size_t batch = 0; batch < values.size(); batch += all * size) {
    for (size_t head : heads) {
      const auto first = values.begin() + static_cast<std::ptrdiff_t>(batch + head * size);
      kept.insert(kept.end(), first, first + static_cast<std::ptrdiff_t>(size));
    }
  }
  Shape shape = bias.shape();
  shape[rank - 3] = static_cast<int64_t>(heads.size());
  return Tensor::of(bias.dtype(), shape, kept);
}

/// The parameters of an attention with fewer heads.
struct Fewer {
  Heads heads;
  std::vector<size_t> columns;  // kept, of the heads' joint result
  std::vector<size_t> left;     // heads
  DenseParameters output;

  Result<bool> rewrite(Rewriter& rewriter, const Node& node) const {
    if (&node == heads.attention) {
      TRY(emit_attention(rewriter));
      return true;
    }
    for (const Node* each : heads.between) {
      if (each != &node) continue;
      TRY(emit_between(rewriter, node, columns));
      return true;
    }
    for (const Node* each : heads.output->nodes()) {
      if (each != &node) continue;
      TRY(emit_dense(rewriter, node, *heads.output, output));
      return true;
    }
    return false;
  }

 private:
  Result<void> emit_attention(Rewriter& rewriter) const {
    const Node& node = *heads.attention;
    const Graph& graph = rewriter.source();
    const auto width = static_cast<size_t>(graph.type(node.outputs[0]).shape.back());
    std::vector<size_t> of_all;  // of q, k and v
    for (size_t first : {size_t{0}, width, 2 * width}) {
      for (size_t column : columns) of_all.push_back(first + column);
    }
    std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
    for (size_t i : {1, 2})
      inputs[i] = rewriter.add_constant(last_axis_part(*graph.constant(node.inputs[i]), of_all));
    if (inputs.size() > 3 && inputs[3] != kNoValue)
      inputs[3] = rewriter.add_constant(heads_part(*graph.constant(node.inputs[3]), left));
    ProjectedAttention op = heads.op();
    op.heads = static_cast<int64_t>(left.size());
    rewriter.replace(node.outputs[0], TRY(rewriter.emit(op, inputs, {&node})));
    return {};
  }
};

Result<std::optional<Fewer>> fewer(const DenseLayers& layers, const Heads& heads,
                                   const Calibration& seen, double keep, double ridge) {
  const auto count = static_cast<size_t>(heads.op().heads);
  const size_t left = rounded(keep, count, 1);
  if (left == count) return std::nullopt;
  const MeanCovariance moments = TRY(input_moments(seen, layers.graph(), *heads.output));
  const size_t size = moments.mean.size() / count;
  Narrowed narrowed =
      narrow(moments, layers.weight(*heads.output), layers.bias(*heads.output), size, left, ridge);
  Fewer result{heads, narrowed.kept, {}, {std::move(narrowed.weight), std::move(narrowed.bias)}};
  for (size_t i = 0; i < result.columns.size(); i += size)
    result.left.push_back(result.columns[i] / size);
  return result;
}

}  // namespace

Result<bool> prune_heads(Graph& graph, const Parameters& parameters) {
  const Calibration seen = TRY(calibration(parameters));
  const Shares keep = TRY(Shares::parse("keep", text(parameters, "keep", "0.5")));
  const double ridge = TRY(number(parameters, "ridge", kRidge, 0));
  const DenseLayers layers(graph);
  std::vector<Fewer> plans;
  std::vector<std::string> names;
  for (const Heads& heads : find_heads(layers)) {
    const std::string& name = heads.output->name;
    names.push_back(name);
    if (auto plan = TRY(fewer(layers, heads, seen, keep.of(name), ridge)))
      plans.push_back(*std::move(plan));
  }
  TRY(keep.check(names));
  return rewrite(
      graph,
      [&](Rewriter& rewriter, const Node& node) -> Result<bool> {
        for (const Fewer& plan : plans) {
          if (TRY(plan.rewrite(rewriter, node))) return true;
        }
        return false;
      },
      1);
}

}  // namespace nitro::passes
