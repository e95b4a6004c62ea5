#include "onnx/sort_nodes.h"

#include <onnx-ml.pb.h>

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"

namespace nitro::onnx {
namespace {

using ::onnx::GraphProto;
using ::onnx::NodeProto;

std::vector<const GraphProto*> subgraphs_of(const NodeProto& node) {
  std::vector<const GraphProto*> graphs;
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g()) graphs.push_back(&attribute.g());
    for (const GraphProto& graph : attribute.graphs()) graphs.push_back(&graph);
  }
  return graphs;
}

std::string describe(const NodeProto& node) {
  return fmt::format("'{}' ({})", display(node.name()), display(node.op_type()));
}

/// Names read anywhere in the subgraphs of `node` that no subgraph defines.
std::vector<std::string> captured_names(const NodeProto& node) {
  std::unordered_set<std::string> defined;
  std::vector<std::string> read;
  std::vector<const GraphProto*> pending = subgraphs_of(node);
  while (!pending.empty()) {
    const GraphProto& graph = *pending.back();
    pending.pop_back();
    for (const auto& input : graph.input()) defined.insert(input.name());
    for (const auto& tensor : graph.initializer()) defined.insert(tensor.name());
    for (const auto& output : graph.output()) read.push_back(output.name());
    for (const NodeProto& inner : graph.node()) {
      read.insert(read.end(), inner.input().begin(), inner.input().end());
      defined.insert(inner.output().begin(), inner.output().end());
      for (const GraphProto* nested : subgraphs_of(inner)) pending.push_back(nested);
    }
  }
  std::ranges::sort(read);
  const auto repeated = std::ranges::unique(read);
  read.erase(repeated.begin(), repeated.end());
  std::erase_if(read,
                [&](const std::string& name) { return name.empty() || defined.contains(name); });
  return read;
}

/// A node on a cycle, followed back through unfinished producers until one repeats.
std::string cycle_text(const GraphProto& graph, const std::vector<std::vector<int>>& producers,
                       const std::vector<int>& missing) {
  int node = 0;
  while (missing[static_cast<size_t>(node)] == 0) ++node;
  std::unordered_set<int> seen;
  while (seen.insert(node).second) {
    for (int producer : producers[static_cast<size_t>(node)]) {
      if (missing[static_cast<size_t>(producer)] > 0) {
        node = producer;
        break;
      }
    }
  }
  return describe(graph.node(node));
}

}  // namespace

std::vector<std::string> reads_of(const NodeProto& node) {
  std::vector<std::string> names(node.input().begin(), node.input().end());
  for (std::string& name : captured_names(node)) names.push_back(std::move(name));
  return names;
}

int subgraph_depth(const GraphProto& graph) {
  std::vector<std::pair<const GraphProto*, int>> pending = {{&graph, 0}};
  int deepest = 0;
  while (!pending.empty()) {
    const auto [current, depth] = pending.back();
    pending.pop_back();
    deepest = std::max(deepest, depth);
    for (const NodeProto& node : current->node()) {
      for (const GraphProto* nested : subgraphs_of(node)) pending.emplace_back(nested, depth + 1);
    }
  }
  return deepest;
}

Result<std::vector<int>> sort_nodes(const GraphProto& graph,
                                    const std::function<bool(const std::string&)>& is_defined) {
  const auto count = static_cast<size_t>(graph.node_size());
  std::unordered_map<std::string, int> producer_of;
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const std::string& output : graph.node(i).output()) {
      if (output.empty()) continue;
      if (is_defined(output) || !producer_of.emplace(output, i).second) {
        return fail(ErrorCode::kBadModel, "tensor '{}' has two definitions, one by node {}",
                    display(output), describe(graph.node(i)));
      }
    }
  }
  std::vector<std::vector<int>> producers(count);
  std::vector<std::vector<int>> consumers(count);
  std::vector<int> missing(count, 0);
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const std::string& name : reads_of(graph.node(i))) {
      if (name.empty() || is_defined(name)) continue;
      const auto producer = producer_of.find(name);
      if (producer == producer_of.end()) {
        return fail(ErrorCode::kBadModel, "node {} reads tensor '{}', which nothing defines",
                    describe(graph.node(i)), display(name));
      }
      producers[static_cast<size_t>(i)].push_back(producer->second);
      consumers[static_cast<size_t>(producer->second)].push_back(i);
      ++missing[static_cast<size_t>(i)];
    }
  }
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int i = 0; i < graph.node_size(); ++i) {
    if (missing[static_cast<size_t>(i)] == 0) ready.push(i);
  }
  std::vector<int> order;
  while (!ready.empty()) {
    const int node = ready.top();
    ready.pop();
    order.push_back(node);
    for (int consumer : consumers[static_cast<size_t>(node)]) {
      if (--missing[static_cast<size_t>(consumer)] == 0) ready.push(consumer);
    }
  }
  if (order.size() < count) {
    return fail(ErrorCode::kBadModel, "node {} is part of a cycle",
                cycle_text(graph, producers, missing));
  }
  return order;
}

}  // namespace nitro::onnx
