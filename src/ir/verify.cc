#include "ir/verify.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "base/text.h"
#include "ir/infer.h"

namespace nitro {
namespace {

class Verifier {
 public:
  explicit Verifier(const Graph& graph) : graph_(graph) {}
  Result<void> run();

 private:
  Result<void> check_origins();
  Result<void> check_inputs();
  Result<void> check_value(ValueId id);
  Result<void> check_constant(ValueId id);
  Result<void> check_node(NodeId id);
  Result<void> check_operands(NodeId id);
  Result<void> check_results(NodeId id);
  Result<void> check_node_origins(NodeId id);
  Result<void> check_types(NodeId id);
  Result<void> check_outputs();
  bool exists(ValueId id) const { return id < graph_.values().size(); }

  const Graph& graph_;
  ValueId next_result_ = 0;  // results of the nodes still to come have at least this id
};

template <class... Arguments>
Result<void> require(bool holds, fmt::format_string<Arguments...> format,
                     Arguments&&... arguments) {
  if (holds) return {};
  return fail(ErrorCode::kBadModel, format, std::forward<Arguments>(arguments)...);
}

Result<void> check_name(std::string_view name, std::string_view owner) {
  TRY(require(name.size() <= kMaxNameBytes, "the name of {} has {} bytes, the limit is {}", owner,
              name.size(), kMaxNameBytes));
  return require(to_valid_utf8(name) == name, "the name of {} is not valid UTF-8", owner);
}

std::string name_of(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const auto op = std::visit([](const auto& known) { return known.kName; }, node.op);
  return fmt::format("node {} ({})", id, op);
}

bool strictly_ascending(const std::vector<uint32_t>& ids) {
  return std::ranges::adjacent_find(ids, std::greater_equal()) == ids.end();
}

Result<void> Verifier::run() {
  TRY(check_name(graph_.name, "the graph"));
  TRY(check_origins());
  TRY(check_inputs());
  for (ValueId id = 0; id < graph_.values().size(); ++id) TRY(check_value(id));
  for (NodeId id = 0; id < graph_.nodes().size(); ++id) TRY(check_node(id));
  return check_outputs();
}

// The table of origins holds each origin once.
Result<void> Verifier::check_origins() {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Origin& origin : graph_.origins()) {
    TRY(check_name(origin.node, "an origin's node"));
    TRY(check_name(origin.module, "an origin's module"));
    TRY(require(seen.emplace(origin.node, origin.module).second, "origin {} is listed twice",
                display(origin.node)));
  }
  return {};
}

// Inputs are listed in order of definition, exist, and have different names.
Result<void> Verifier::check_inputs() {
  std::unordered_set<std::string> names;
  TRY(require(strictly_ascending(graph_.inputs()), "the inputs are out of order or repeated"));
  for (ValueId id : graph_.inputs()) {
    TRY(require(exists(id), "input %{} does not exist", id));
    const Value& value = graph_.value(id);
    TRY(require(value.producer == kNoNode, "input %{} is also the result of a node", id));
    TRY(require(!value.constant, "input %{} is also a constant", id));
    TRY(require(names.insert(value.name).second, "two inputs are named '{}'", display(value.name)));
  }
  return {};
}

// A value has a valid type and name, and is one of: input, constant, result of a node that lists
// it.
Result<void> Verifier::check_value(ValueId id) {
  const Value& value = graph_.value(id);
  TRY(check_name(value.name, fmt::format("%{}", id)));
  TRY(require(std::to_underlying(value.type.dtype) < kDTypeCount, "%{} has no element type", id));
  TRY(in_context(check_shape(value.type.shape, value.type.dtype), fmt::format("%{}", id)));
  if (value.constant) return check_constant(id);
  if (value.producer == kNoNode) {
    return require(std::ranges::binary_search(graph_.inputs(), id),
                   "%{} is no input, constant or result of a node", id);
  }
  TRY(require(value.producer < graph_.nodes().size(),
              "%{} is made by node {}, which does not exist", id, value.producer));
  // Results of a node are consecutive, which check_results() makes sure of.
  const auto& listed = graph_.node(value.producer).outputs;
  const bool in_place = !listed.empty() && id >= listed[0] && id - listed[0] < listed.size() &&
                        listed[id - listed[0]] == id;
  return require(in_place, "%{} is not among the outputs of its producer", id);
}

// A constant has the type and the bytes that its value promises, and no producer.
Result<void> Verifier::check_constant(ValueId id) {
  const Value& value = graph_.value(id);
  TRY(require(value.producer == kNoNode, "constant %{} is also the result of a node", id));
  TRY(require(value.constant->type() == value.type, "constant %{} is {}, its value {}", id,
              text(value.constant->type()), text(value.type)));
  TRY(require(value.constant->bytes().data() != nullptr, "constant %{} has no elements", id));
  const auto is_bit = [](std::byte byte) { return byte <= std::byte{1}; };
  return require(
      value.type.dtype != DType::kBool || std::ranges::all_of(value.constant->bytes(), is_bit),
      "bool constant %{} holds a byte that is neither 0 nor 1", id);
}

Result<void> Verifier::check_node(NodeId id) {
  const auto checked = [&]() -> Result<void> {
    TRY(check_operands(id));
    TRY(check_results(id));
    TRY(check_node_origins(id));
    return check_types(id);
  }();
  return in_context(checked, name_of(graph_, id));
}

// What a node reads is absent or defined earlier: execution order is node order.
Result<void> Verifier::check_operands(NodeId id) {
  const Node& node = graph_.node(id);
  for (ValueId input : node.inputs) {
    if (input == kNoValue) continue;
    TRY(require(exists(input), "operand %{} does not exist", input));
    const NodeId producer = graph_.value(input).producer;
    TRY(require(producer == kNoNode || producer < id, "operand %{} is made later", input));
    TRY(require(node.outputs.empty() || input < node.outputs[0],
                "operand %{} has a higher id than the results", input));
  }
  return {};
}

// Results link back to their node, and their ids are consecutive and grow from node to node.
Result<void> Verifier::check_results(NodeId id) {
  const auto& outputs = graph_.node(id).outputs;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const ValueId output = outputs[i];
    TRY(require(exists(output), "result %{} does not exist", output));
    TRY(require(graph_.value(output).producer == id, "result %{} has another producer", output));
    TRY(require(output >= next_result_, "result %{} is out of order", output));
    TRY(require(i == 0 || output == next_result_, "result %{} does not follow the one before it",
                output));
    next_result_ = output + 1;
  }
  return {};
}

Result<void> Verifier::check_node_origins(NodeId id) {
  const auto& origins = graph_.node(id).origins;
  TRY(require(strictly_ascending(origins), "the origins are not sorted and unique"));
  return require(origins.empty() || origins.back() < graph_.origins().size(),
                 "an origin is not in the table");
}

// Inference gives exactly the types that the results have.
Result<void> Verifier::check_types(NodeId id) {
  const Node& node = graph_.node(id);
  std::vector<const TensorType*> operands;
  for (ValueId input : node.inputs) {
    operands.push_back(input == kNoValue ? nullptr : &graph_.type(input));
  }
  const Types types = TRY(infer_types(node.op, operands));
  TRY(require(types.size() == node.outputs.size(), "the op has {} results, the node {}",
              types.size(), node.outputs.size()));
  for (size_t i = 0; i < types.size(); ++i) {
    TRY(require(types[i] == graph_.type(node.outputs[i]), "result %{} is stored as {}, inferred {}",
                node.outputs[i], text(graph_.type(node.outputs[i])), text(types[i])));
  }
  return {};
}

Result<void> Verifier::check_outputs() {
  for (ValueId id : graph_.outputs()) {
    TRY(require(exists(id), "graph output %{} does not exist", id));
  }
  return {};
}

}  // namespace

Result<void> verify(const Graph& graph) { return Verifier(graph).run(); }

}  // namespace nitro
