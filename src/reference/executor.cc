#include "reference/executor.h"

#include <algorithm>
#include <new>

#include "base/checked.h"
#include "base/text.h"
#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

/// "Conv_3 (layers.0.attn)" of the node's first origin, else the op and what it makes.
std::string place_of(const Graph& graph, const Node& node) {
  if (!node.origins.empty()) {
    const Origin& origin = graph.origins()[node.origins[0]];
    const std::string module = display(origin.module);
    return module.empty() ? fmt::format("node {}", display(origin.node))
                          : fmt::format("node {} ({})", display(origin.node), module);
  }
  const auto op = std::visit([](const auto& known) { return known.kName; }, node.op);
  return node.outputs.empty() ? fmt::format("node {}", op)
                              : fmt::format("node {} of %{}", op, node.outputs[0]);
}

class Execution {
 public:
  Execution(const Graph& graph, std::span<const ValueId> wanted, const ExecuteOptions& options)
      : graph_(graph), wanted_(wanted), options_(options), values_(graph.values().size()) {}

  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs);

 private:
  Result<void> check_wanted() const;
  Result<void> take_inputs(std::span<const Tensor> inputs);
  void count_uses();
  Result<void> run_node(const Node& node);
  Result<void> reserve(const Node& node);
  Result<std::vector<Tensor>> evaluate_node(const Node& node);
  void release(ValueId id);

  const Graph& graph_;
  std::span<const ValueId> wanted_;
  const ExecuteOptions& options_;
  std::vector<Tensor> values_;  // empty before they are made and after their last use
  std::vector<uint32_t> uses_;  // reads still to come of each value
  std::vector<bool> needed_;    // of each node
  int64_t live_bytes_ = 0;
};

Result<std::vector<Tensor>> Execution::run(std::span<const Tensor> inputs) {
  TRY(check_wanted());
  count_uses();
  TRY(take_inputs(inputs));
  const auto total = static_cast<size_t>(std::ranges::count(needed_, true));
  size_t done = 0;
  for (NodeId id = 0; id < graph_.nodes().size(); ++id) {
    if (!needed_[id]) continue;
    const Node& node = graph_.node(id);
    TRY(in_context(run_node(node), place_of(graph_, node)));
    if (options_.ran) options_.ran(id);
    if (options_.progress && !options_.progress(++done, total)) {
      return fail(ErrorCode::kInterrupted, "stopped after {} of {} nodes", done, total);
    }
  }
  std::vector<Tensor> results;
  for (ValueId id : wanted_) {
    const Tensor* constant = graph_.constant(id);
    results.push_back(constant ? *constant : values_[id]);
  }
  return results;
}

Result<void> Execution::check_wanted() const {
  for (ValueId id : wanted_) {
    if (id >= graph_.values().size()) return fail(ErrorCode::kUsage, "there is no value %{}", id);
  }
  return {};
}

Result<void> Execution::take_inputs(std::span<const Tensor> inputs) {
  const std::vector<ValueId>& ids = graph_.inputs();
  if (inputs.size() != ids.size()) {
    return fail(ErrorCode::kShapeMismatch, "the graph takes {} inputs, {} are given", ids.size(),
                inputs.size());
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    const Value& value = graph_.value(ids[i]);
    if (inputs[i].type() != value.type) {
      return fail(ErrorCode::kShapeMismatch, "input {} ('{}') takes {}, {} is given", i,
                  display(value.name), text(value.type), text(inputs[i].type()));
    }
    if (uses_[ids[i]] == 0) continue;
    values_[ids[i]] = inputs[i];
    live_bytes_ += value.type.bytes();
  }
  return {};
}

/// Walks back from what is wanted: which nodes are needed, and how often they read each value.
void Execution::count_uses() {
  uses_.assign(graph_.values().size(), 0);
  needed_.assign(graph_.nodes().size(), false);
  for (ValueId id : wanted_) ++uses_[id];
  for (NodeId id = static_cast<NodeId>(graph_.nodes().size()); id-- > 0;) {
    const Node& node = graph_.node(id);
    if (std::ranges::none_of(node.outputs, [&](ValueId output) { return uses_[output] > 0; })) {
      continue;
    }
    needed_[id] = true;
    for (ValueId input : node.inputs) {
      if (input != kNoValue) ++uses_[input];
    }
  }
}

Result<void> Execution::run_node(const Node& node) {
  TRY(reserve(node));
  std::vector<Tensor> results = TRY(evaluate_node(node));
  for (size_t i = 0; i < results.size(); ++i) {
    if (options_.made) options_.made(node.outputs[i], results[i]);
    values_[node.outputs[i]] = std::move(results[i]);
  }
  for (ValueId input : node.inputs) {
    if (input != kNoValue && --uses_[input] == 0) release(input);
  }
  for (ValueId output : node.outputs) {
    if (uses_[output] == 0) release(output);
  }
  return {};
}

/// Counts the results of `node` as alive, or says that they are too large.
Result<void> Execution::reserve(const Node& node) {
  for (ValueId output : node.outputs) {
    const auto sum = checked_add(live_bytes_, graph_.type(output).bytes());
    if (!sum || *sum > options_.memory_limit_bytes) {
      return fail(ErrorCode::kOutOfMemory, "the result {} would exceed the limit of {} bytes",
                  text(graph_.type(output)), options_.memory_limit_bytes);
    }
    live_bytes_ = *sum;
  }
  return {};
}

Result<std::vector<Tensor>> Execution::evaluate_node(const Node& node) {
  std::vector<const Tensor*> operands;
  for (ValueId input : node.inputs) {
    const Tensor* constant = graph_.constant(input);
    operands.push_back(input == kNoValue ? nullptr : constant ? constant : &values_[input]);
  }
  try {
    return evaluate_op(node.op, operands);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfMemory, "there is not enough memory");
  }
}

void Execution::release(ValueId id) {
  if (graph_.constant(id)) return;
  live_bytes_ -= graph_.type(id).bytes();
  values_[id] = Tensor();
}

}  // namespace

Result<std::vector<Tensor>> execute(const Graph& graph, std::span<const Tensor> inputs,
                                    const ExecuteOptions& options) {
  return execute_values(graph, inputs, graph.outputs(), options);
}

Result<std::vector<Tensor>> execute_values(const Graph& graph, std::span<const Tensor> inputs,
                                           std::span<const ValueId> wanted,
                                           const ExecuteOptions& options) {
  return Execution(graph, wanted, options).run(inputs);
}

}  // namespace nitro::reference
