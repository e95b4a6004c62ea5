#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/op.h"
#include "ir/tensor.h"

namespace nitro {

using ValueId = uint32_t;
using NodeId = uint32_t;
using OriginId = uint32_t;
inline constexpr ValueId kNoValue = std::numeric_limits<ValueId>::max();
inline constexpr NodeId kNoNode = std::numeric_limits<NodeId>::max();

/// What a node came from: an ONNX node and the module path it was exported under ("" if unknown).
struct Origin {
  std::string node;
  std::string module;
  bool operator==(const Origin&) const = default;
};

/// An SSA value: a graph input, a constant, or an output of one node.
struct Value {
  TensorType type;
  std::string name;           // of the tensor in the model; may be empty
  NodeId producer = kNoNode;  // kNoNode for inputs and constants
  std::optional<Tensor> constant;
};

struct Node {
  Op op;
  std::vector<ValueId> inputs;  // kNoValue for an absent optional operand
  std::vector<ValueId> outputs;
  std::vector<OriginId> origins;  // sorted, unique
};

/// Nodes are appended in execution order and never change; a pass builds a new graph.
class Graph {
 public:
  std::string name;

  // Compiled once, in graph.cc.
  Graph();
  Graph(const Graph& other);
  Graph(Graph&& other) noexcept;
  Graph& operator=(const Graph& other);
  Graph& operator=(Graph&& other) noexcept;
  ~Graph();

  ValueId add_input(std::string input_name, TensorType type);
  ValueId add_constant(Tensor tensor, std::string constant_name = {});
  /// Appends a node and infers its output types; `names` may be shorter than the outputs.
  Result<std::vector<ValueId>> add_node(Op op, std::vector<ValueId> inputs,
                                        std::vector<OriginId> origins = {},
                                        std::vector<std::string> names = {});
  void set_outputs(std::vector<ValueId> outputs) { outputs_ = std::move(outputs); }
  void set_value_name(ValueId value, std::string value_name) {
    values_[value].name = std::move(value_name);
  }
  OriginId add_origin(Origin origin);  // the same origin gets the same id

  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& node(NodeId id) const { return nodes_[id]; }
  const std::vector<Value>& values() const { return values_; }
  const Value& value(ValueId id) const { return values_[id]; }
  const TensorType& type(ValueId id) const { return values_[id].type; }
  const std::vector<ValueId>& inputs() const { return inputs_; }
  const std::vector<ValueId>& outputs() const { return outputs_; }
  const std::vector<Origin>& origins() const { return origins_; }

  const Tensor* constant(ValueId id) const {
    return id != kNoValue && values_[id].constant ? &*values_[id].constant : nullptr;
  }
  /// The node that makes `id`, or nullptr for inputs, constants and absent values.
  const Node* producer(ValueId id) const {
    return id == kNoValue || values_[id].producer == kNoNode ? nullptr
                                                             : &nodes_[values_[id].producer];
  }
  /// Bytes of all constants, each shared tensor once per value.
  int64_t constant_bytes() const;

 private:
  std::vector<Node> nodes_;
  std::vector<Value> values_;
  std::vector<ValueId> inputs_;
  std::vector<ValueId> outputs_;
  std::vector<Origin> origins_;
  std::unordered_map<std::string, OriginId> origin_ids_;
};

/// How often each value is read: by nodes, and as a graph output.
std::vector<uint32_t> use_counts(const Graph& graph);

}  // namespace nitro
