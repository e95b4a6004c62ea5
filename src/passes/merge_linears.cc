#include <map>

#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

/// The columns of all `parts` side by side: [rows, sum of columns], or a vector.
Tensor join_columns(const std::vector<Tensor>& parts) {
  const int64_t rows = parts[0].shape().size() == 2 ? parts[0].shape()[0] : 1;
  int64_t columns = 0;
  for (const Tensor& part : parts) columns += part.shape().back();
  Shape shape = parts[0].shape();
  shape.back() = columns;
  Tensor joined({parts[0].dtype(), shape});
  const int64_t element = size_of(joined.dtype());
  for (int64_t row = 0, at = 0; row < rows; ++row) {
    for (const Tensor& part : parts) {
      const int64_t bytes = part.shape().back() * element;
      std::memcpy(joined.mutable_bytes().data() + at, part.bytes().data() + row * bytes,
                  static_cast<size_t>(bytes));
      at += bytes;
    }
  }
  return joined;
}

/// Linear layers that read one value: groups of two or more, by the value.
std::map<ValueId, std::vector<Linear>> parallel_linears(const Graph& graph) {
  const std::vector<uint32_t> uses = use_counts(graph);
  std::map<ValueId, std::vector<Linear>> groups;
  for (const Node& node : graph.nodes()) {
    const auto found = linear(graph, uses, node.outputs[0]);
    if (found && found->bias != kNoValue) groups[found->x].push_back(*found);
  }
  std::erase_if(groups, [&](const auto& group) {
    const auto& linears = group.second;
    for (const Linear& each : linears) {
      if (graph.type(each.weight).dtype != graph.type(linears[0].weight).dtype) return true;
    }
    return linears.size() < 2;
  });
  return groups;
}

}  // namespace

Result<bool> merge_linears(Graph& graph, const Parameters&) {
  const auto groups = parallel_linears(graph);
  if (groups.empty()) return false;
  std::map<const Node*, ValueId>
      first_of;  // the first node of a group, to the value that the group reads
  for (const auto& [x, linears] : groups) first_of[linears[0].nodes[0]] = x;
  std::map<ValueId, ValueId> merged;  // output of each linear, to its part

  Rewriter rewriter(graph);
  for (const Node& node : graph.nodes()) {
    if (const auto first = first_of.find(&node); first != first_of.end()) {
      const std::vector<Linear>& linears = groups.at(first->second);
      std::vector<Tensor> weights, biases;
      std::vector<int64_t> sizes;
      std::vector<const Node*> from;
      for (const Linear& each : linears) {
        weights.push_back(*graph.constant(each.weight));
        biases.push_back(*graph.constant(each.bias));
        sizes.push_back(graph.type(each.weight).shape[1]);
        from.insert(from.end(), each.nodes.begin(), each.nodes.end());
      }
      const ValueId product = TRY(rewriter.emit(
          MatMul{}, {rewriter.mapped(first->second), rewriter.add_constant(join_columns(weights))},
          from));
      const ValueId sum = TRY(rewriter.emit(
          Binary{BinaryKind::kAdd}, {product, rewriter.add_constant(join_columns(biases))}, from));
      const int64_t axis = rewriter.type(sum).rank() - 1;
      const std::vector<ValueId> parts = TRY(rewriter.emit_all(Split{axis, sizes}, {sum}, from));
      for (size_t i = 0; i < parts.size(); ++i)
        merged[linears[i].nodes.back()->outputs[0]] = parts[i];
    }
    if (const auto part = merged.find(node.outputs[0]); part != merged.end()) {
      rewriter.replace(node.outputs[0], part->second);
    } else {
      TRY(rewriter.copy(node));
    }
  }
  graph = rewriter.finish();
  return true;
}

}  // namespace nitro::passes
