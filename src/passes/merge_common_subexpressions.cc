#include <functional>
#include <unordered_map>

#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

/// Of the size and both ends: weights differ there, and reading all of them would cost more than it
/// saves.
size_t hash_of(const Tensor& tensor) {
  const std::string_view bytes(reinterpret_cast<const char*>(tensor.bytes().data()),
                               tensor.bytes().size());
  const size_t end = std::min<size_t>(bytes.size(), 256);
  const std::hash<std::string_view> hash;
  return hash(bytes.substr(0, end)) * 31 + hash(bytes.substr(bytes.size() - end)) + bytes.size();
}

/// One value for constants of equal type and bytes.
class ConstantPool {
 public:
  explicit ConstantPool(const Graph& graph) : graph_(graph) {}
  ValueId canonical(ValueId id) {
    const Tensor* tensor = graph_.constant(id);
    if (!tensor) return id;
    if (const auto known = canonical_.find(id); known != canonical_.end()) return known->second;
    auto& bucket = by_hash_[hash_of(*tensor)];
    for (ValueId other : bucket) {
      if (*graph_.constant(other) == *tensor) return canonical_[id] = other;
    }
    bucket.push_back(id);
    return canonical_[id] = id;
  }

 private:
  const Graph& graph_;
  std::unordered_map<ValueId, ValueId> canonical_;
  std::unordered_map<size_t, std::vector<ValueId>> by_hash_;
};

}  // namespace

Result<bool> merge_common_subexpressions(Graph& graph, const Parameters&) {
  ConstantPool pool(graph);
  std::unordered_map<size_t, std::vector<const Node*>> seen;
  std::vector<ValueId> same(graph.values().size());
  for (ValueId id = 0; id < same.size(); ++id) same[id] = id;
  Rewriter rewriter(graph);
  bool changed = false;
  for (const Node& node : graph.nodes()) {
    const auto canonical_inputs = [&](const Node& of) {
      std::vector<ValueId> ids;
      for (ValueId input : of.inputs)
        ids.push_back(input == kNoValue ? input : pool.canonical(same[input]));
      return ids;
    };
    const std::vector<ValueId> inputs = canonical_inputs(node);
    size_t hash = node.op.index();
    for (ValueId input : inputs) hash = hash * 1000003 + input;
    const Node* equal = nullptr;
    for (const Node* other : seen[hash]) {
      if (other->op == node.op && canonical_inputs(*other) == inputs &&
          !std::holds_alternative<Opaque>(node.op)) {
        equal = other;
      }
    }
    if (equal) {
      for (size_t i = 0; i < node.outputs.size(); ++i) {
        same[node.outputs[i]] = same[equal->outputs[i]];
        rewriter.replace(node.outputs[i], rewriter.mapped(equal->outputs[i]));
      }
      changed = true;
      continue;
    }
    seen[hash].push_back(&node);
    const std::vector<ValueId> outputs =
        TRY(rewriter.emit_all(node.op, rewriter.mapped(inputs), {&node}));
    for (size_t i = 0; i < outputs.size(); ++i) rewriter.replace(node.outputs[i], outputs[i]);
  }
  if (changed) graph = rewriter.finish();
  return changed;
}

}  // namespace nitro::passes
