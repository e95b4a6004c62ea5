#pragma once

#include <functional>
#include <vector>

#include "ir/graph.h"

namespace nitro::passes {

/// Builds a new graph from `source`, node by node in execution order. Rules match on the source
/// graph and emit into the result; nodes that end up unread disappear in finish().
class Rewriter {
 public:
  explicit Rewriter(const Graph& source);

  const Graph& source() const { return source_; }
  /// Reads of each source value, as an input or as a graph output.
  uint32_t uses(ValueId old) const { return uses_[old]; }
  bool used_once(ValueId old) const { return uses_[old] == 1; }
  const std::vector<uint32_t>& all_uses() const { return uses_; }

  /// The result's value for a source value whose producer was already passed (constants, inputs:
  /// always).
  ValueId mapped(ValueId old);
  std::vector<ValueId> mapped(const std::vector<ValueId>& old);
  /// From now on `replacement` (a value of the result) stands for `old`, and takes its name.
  void replace(ValueId old, ValueId replacement);

  Graph& result() { return result_; }
  const TensorType& type(ValueId value) const { return result_.type(value); }
  const Tensor* constant(ValueId value) const { return result_.constant(value); }
  ValueId add_constant(Tensor tensor) { return result_.add_constant(std::move(tensor)); }
  /// Appends a node to the result; origins are those of the source nodes `from`, merged.
  Result<std::vector<ValueId>> emit_all(Op op, std::vector<ValueId> inputs,
                                        const std::vector<const Node*>& from);
  Result<ValueId> emit(Op op, std::vector<ValueId> inputs, const std::vector<const Node*>& from);
  /// Emits the node again, for those of its outputs that nothing replaces yet.
  Result<void> copy(const Node& node);
  /// Whether an output that is read is not replaced yet.
  bool lacks_outputs(const Node& node) const;

  /// Sets the outputs and drops what nobody reads.
  Graph finish();

 private:
  const Graph& source_;
  std::vector<uint32_t> uses_;
  Graph result_;
  std::vector<ValueId> map_;
};

/// Handles one node: true if it replaced outputs of the node, false if it did nothing. The node is
/// copied for the outputs that are left.
using Rule = std::function<Result<bool>(Rewriter&, const Node&)>;

/// Applies `rule` over the whole graph until nothing changes, at most `rounds` times.
/// Returns whether anything changed.
Result<bool> rewrite(Graph& graph, const Rule& rule, int rounds = 16);

/// A copy without unread nodes and constants; inputs stay. Origins keep their ids.
Graph without_dead_code(const Graph& graph);

}  // namespace nitro::passes
