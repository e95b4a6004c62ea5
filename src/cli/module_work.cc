#include "cli/module_work.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "cost/cost.h"
#include "ir/common_module.h"

namespace nitro::cli {
namespace {

/// The paths of `module` and of those around it, root first, at most `depth` names long.
std::vector<std::string> path_to(const std::string& module, size_t depth) {
  std::vector<std::string> paths = {""};
  if (module.empty()) return paths;
  std::string path;
  for (std::string_view piece : split(module, '.')) {
    if (paths.size() > depth) break;
    path += (path.empty() ? "" : ".") + std::string(piece);
    paths.push_back(path);
  }
  return paths;
}

/// The work of each node, constants at their first reader.
class NodeWork {
 public:
  explicit NodeWork(const Graph& graph) : graph_(graph), counted_(graph.values().size(), false) {}

  Work of(const Node& node) {
    const cost::Cost cost = cost::cost_of(graph_, node);
    Work work{"", 1, 0, cost.flops, cost.bytes()};
    for (ValueId input : node.inputs) {
      if (!graph_.constant(input) || counted_[input]) continue;
      counted_[input] = true;
      if (is_float(graph_.type(input).dtype)) work.parameters += graph_.type(input).elements();
    }
    return work;
  }

 private:
  const Graph& graph_;
  std::vector<bool> counted_;
};

void add(Work& sum, const Work& work) {
  sum.nodes += work.nodes;
  sum.parameters += work.parameters;
  sum.flops += work.flops;
  sum.bytes += work.bytes;
}

/// Children behind their parents, otherwise as first met.
void append_tree(const std::string& path, const std::map<std::string, std::vector<Work*>>& children,
                 std::vector<Work>& result) {
  const auto found = children.find(path);
  if (found == children.end()) return;
  for (const Work* child : found->second) {
    result.push_back(*child);
    append_tree(child->name, children, result);
  }
}

}  // namespace

std::vector<Work> work_by_module(const Graph& graph, size_t depth) {
  std::map<std::string, Work> sums;
  sums[""] = Work{};
  std::map<std::string, std::vector<Work*>> children;
  NodeWork node_work(graph);
  for (const Node& node : graph.nodes()) {
    const Work work = node_work.of(node);
    std::string parent;
    for (const std::string& path : path_to(common_module(node.origins, graph.origins()), depth)) {
      const auto [entry, first] = sums.try_emplace(path, Work{path});
      if (first) children[parent].push_back(&entry->second);
      add(entry->second, work);
      parent = path;
    }
  }
  std::vector<Work> result = {sums[""]};
  append_tree("", children, result);
  return result;
}

std::vector<Work> work_by_op(const Graph& graph) {
  std::map<std::string, Work> sums;
  NodeWork node_work(graph);
  for (const Node& node : graph.nodes()) {
    const std::string name = display_name(node.op);
    add(sums.try_emplace(name, Work{name}).first->second, node_work.of(node));
  }
  std::vector<Work> result;
  for (const auto& [name, work] : sums) result.push_back(work);
  std::ranges::stable_sort(result, std::ranges::greater{}, &Work::nodes);
  return result;
}

size_t module_depth(const std::string& path) { return path.empty() ? 0 : split(path, '.').size(); }

}  // namespace nitro::cli
