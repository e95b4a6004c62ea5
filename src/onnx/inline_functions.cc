#include "onnx/inline_functions.h"

#include <google/protobuf/arena.h>
#include <onnx-ml.pb.h>

#include <algorithm>
#include <new>
#include <vector>

#include "base/text.h"
#include "onnx/byte_budget.h"
#include "onnx/renaming.h"

namespace nitro::onnx {
namespace {

using ::onnx::AttributeProto;
using ::onnx::FunctionProto;
using ::onnx::GraphProto;
using ::onnx::ModelProto;
using ::onnx::NodeProto;

std::string key(const std::string& domain, const std::string& name, const std::string& overload) {
  return (domain == "ai.onnx" ? "" : domain) + ':' + name + ':' + overload;
}

std::string describe(const NodeProto& call) {
  return fmt::format("node '{}' ({})", display(call.name()), display(call.op_type()));
}

std::unexpected<Error> too_large(const Limits& limits) {
  return fail(ErrorCode::kLimitExceeded,
              "functions expand to more than {} MiB plus 4 times the size of the model",
              limits.message_budget >> 22);
}

/// One call of a function, while its body is copied.
struct Call {
  const NodeProto& node;
  const FunctionProto& function;
  std::string scope;
  Renaming renaming;
};

/// The functions whose bodies enclose a node, innermost last, and the subgraphs.
struct Place {
  std::vector<const FunctionProto*> functions;
  const Opsets* opsets = nullptr;  // nullptr: those of the model
  int depth = 0;
};

class Inliner {
 public:
  Inliner(ModelProto& model, const Limits& limits)
      : model_(model), limits_(limits), budget_(model, limits) {}

  Result<InlinedFunctions> run() {
    for (const FunctionProto& function : model_.functions()) {
      const std::string id = key(function.domain(), function.name(), function.overload());
      if (!functions_.emplace(id, &function).second) {
        return fail(ErrorCode::kBadModel, "function '{}' is defined twice",
                    display(function.name()));
      }
      Opsets& opsets = result_.opsets[id];
      for (const auto& entry : function.opset_import())
        opsets[entry.domain() == "ai.onnx" ? "" : entry.domain()] = entry.version();
    }
    if (functions_.empty()) return std::move(result_);
    take_names(model_.graph(), taken_);
    TRY(expand(*model_.mutable_graph(), {}));
    return std::move(result_);
  }

 private:
  Result<void> expand(GraphProto& graph, const Place& place) {
    if (place.depth > limits_.max_subgraph_depth) {
      return fail(ErrorCode::kLimitExceeded,
                  "functions and subgraphs are nested deeper than the limit of {}",
                  limits_.max_subgraph_depth);
    }
    std::vector<NodeProto*> nodes(static_cast<size_t>(graph.node_size()));
    graph.mutable_node()->UnsafeArenaExtractSubrange(0, graph.node_size(), nodes.data());
    for (NodeProto* node : nodes) TRY(add(graph, *node, place));
    return {};
  }

  /// Appends `node`, or what it calls, to `graph`.
  Result<void> add(GraphProto& graph, NodeProto& node, const Place& place) {
    const auto called = functions_.find(key(node.domain(), node.op_type(), node.overload()));
    if (called != functions_.end()) return add_call(graph, node, *called->second, place);
    if (++nodes_ > limits_.max_nodes) {
      return fail(ErrorCode::kLimitExceeded, "functions expand to more nodes than the limit of {}",
                  limits_.max_nodes);
    }
    if (place.opsets) result_.node_opsets[&node] = place.opsets;
    graph.mutable_node()->UnsafeArenaAddAllocated(&node);
    for (AttributeProto& attribute : *node.mutable_attribute()) {
      if (!attribute.has_g() && attribute.graphs().empty()) continue;
      Place inside = place;
      ++inside.depth;
      if (attribute.has_g()) TRY(expand(*attribute.mutable_g(), inside));
      for (GraphProto& subgraph : *attribute.mutable_graphs()) TRY(expand(subgraph, inside));
    }
    return {};
  }

  Result<void> add_call(GraphProto& graph, const NodeProto& node, const FunctionProto& function,
                        const Place& place) {
    if (std::ranges::find(place.functions, &function) != place.functions.end()) {
      return fail(ErrorCode::kBadModel, "function '{}' calls itself", display(function.name()));
    }
    if (node.input_size() > function.input_size() || node.output_size() > function.output_size()) {
      return fail(ErrorCode::kBadModel,
                  "{} has {} inputs and {} outputs, the function that it calls {} and {}",
                  describe(node), node.input_size(), node.output_size(), function.input_size(),
                  function.output_size());
    }
    Place inside = place;
    inside.functions.push_back(&function);
    inside.opsets =
        &result_.opsets.at(key(function.domain(), function.name(), function.overload()));
    if (++inside.depth > limits_.max_subgraph_depth) {
      return fail(ErrorCode::kLimitExceeded, "functions are nested deeper than the limit of {}",
                  limits_.max_subgraph_depth);
    }
    ++result_.calls;
    Call call{node, function, scope_of(node), Renaming(taken_, budget_, Renaming::Others::kFresh)};
    const std::vector<int> named_already = TRY(bind_operands(call));
    for (int i = 0; i < function.node_size(); ++i) {
      NodeProto& copy = *make<NodeProto>();
      assign(copy, function.node(i));
      call.renaming.apply(copy);
      bind(copy, call, i);
      TRY(add(graph, copy, inside));
    }
    for (int output : named_already) TRY(add_identity(graph, call, output, place));
    for (const auto& info : function.value_info()) {
      auto& copy = *graph.add_value_info();
      assign(copy, info);
      copy.set_name(call.renaming.of(info.name()));
    }
    return {};
  }

  /// Names the operands and results. Returns the results that have another name already: those
  /// that are an input of the function, or are listed twice.
  Result<std::vector<int>> bind_operands(Call& call) {
    const FunctionProto& function = call.function;
    for (int i = 0; i < function.input_size(); ++i) {
      if (call.renaming.knows(function.input(i))) {
        return fail(ErrorCode::kBadModel, "function '{}' has two inputs '{}'",
                    display(function.name()), display(function.input(i)));
      }
      call.renaming.set(function.input(i), i < call.node.input_size() ? call.node.input(i) : "");
    }
    std::vector<int> named_already;
    for (int i = 0; i < call.node.output_size(); ++i) {
      if (call.node.output(i).empty()) continue;
      if (call.renaming.knows(function.output(i))) {
        named_already.push_back(i);
      } else {
        call.renaming.set(function.output(i), call.node.output(i));
      }
    }
    return named_already;
  }

  Result<void> add_identity(GraphProto& graph, Call& call, int output, const Place& place) {
    NodeProto& identity = *make<NodeProto>();
    budget_.spend(call.scope.size() + call.node.output(output).size());
    identity.set_op_type("Identity");
    identity.set_name(fmt::format("{}/Identity_{}", call.scope, output));
    identity.add_input(call.renaming.of(call.function.output(output)));
    identity.add_output(call.node.output(output));
    copy_metadata(identity, call.node);
    return add(graph, identity, place);
  }

  /// Like the scopes in names that PyTorch writes, from which module paths are read.
  std::string scope_of(const NodeProto& call) {
    const std::string& name = call.name().empty() ? call.op_type() : call.name();
    return scopes_.choose(name.starts_with('/') ? name : '/' + name);
  }

  template <class Message>
  void assign(Message& copy, const Message& original) {
    budget_.spend(original.ByteSizeLong());
    copy = original;
  }

  void copy_metadata(NodeProto& node, const NodeProto& call) {
    for (const auto& entry : call.metadata_props()) assign(*node.add_metadata_props(), entry);
  }

  /// Makes node `index` of a body one of the call, in its subgraphs too.
  void bind(NodeProto& node, const Call& call, int index) {
    budget_.spend(call.scope.size() + node.name().size());
    node.set_name(fmt::format(
        "{}/{}", call.scope,
        node.name().empty() ? fmt::format("{}_{}", node.op_type(), index) : node.name()));
    if (node.metadata_props().empty()) copy_metadata(node, call.node);
    bind_attributes(node, call);
  }

  /// References to attributes of the function become what the call, or else the function, says;
  /// without either the attribute is left out.
  void bind_attributes(NodeProto& node, const Call& call) {
    auto& attributes = *node.mutable_attribute();
    for (int i = attributes.size(); i-- > 0;) {
      AttributeProto& attribute = attributes[i];
      if (attribute.ref_attr_name().empty()) {
        if (attribute.has_g()) bind(*attribute.mutable_g(), call);
        for (GraphProto& graph : *attribute.mutable_graphs()) bind(graph, call);
        continue;
      }
      const AttributeProto* value = find(call.node.attribute(), attribute.ref_attr_name());
      if (!value) value = find(call.function.attribute_proto(), attribute.ref_attr_name());
      if (!value) {
        attributes.DeleteSubrange(i, 1);
        continue;
      }
      const std::string name = attribute.name();
      assign(attribute, *value);
      attribute.set_name(name);
    }
  }

  void bind(GraphProto& graph, const Call& call) {
    for (int i = 0; i < graph.node_size(); ++i) bind(*graph.mutable_node(i), call, i);
  }

  static const AttributeProto* find(
      const google::protobuf::RepeatedPtrField<AttributeProto>& attributes,
      const std::string& name) {
    const auto found = std::ranges::find(attributes, name, &AttributeProto::name);
    return found == attributes.end() ? nullptr : &*found;
  }

  template <class Message>
  Message* make() {
    return google::protobuf::Arena::CreateMessage<Message>(model_.GetArena());
  }

  ModelProto& model_;
  const Limits& limits_;
  ByteBudget budget_;
  size_t nodes_ = 0;
  std::unordered_map<std::string, const FunctionProto*> functions_;
  UniqueNames taken_;   // of tensors
  UniqueNames scopes_;  // of calls
  InlinedFunctions result_;
};

}  // namespace

Result<InlinedFunctions> inline_functions(ModelProto& model, const Limits& limits) {
  try {
    return Inliner(model, limits).run();
  } catch (const std::bad_alloc&) {  // a budget is spent
    return too_large(limits);
  }
}

}  // namespace nitro::onnx
