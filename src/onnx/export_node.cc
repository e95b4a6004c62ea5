#include "onnx/export_node.h"

#include <google/protobuf/io/coded_stream.h>

#include "base/json.h"
#include "base/text.h"
#include "onnx/export_state.h"
#include "onnx/limits.h"
#include "onnx/sort_nodes.h"

namespace nitro::onnx {
namespace {

using Attribute = ::onnx::AttributeProto;

Attribute& append(::onnx::NodeProto& node, std::string_view name, Attribute::AttributeType type) {
  Attribute& attribute = *node.add_attribute();
  attribute.set_name(std::string(name));
  attribute.set_type(type);
  return attribute;
}

void add_metadata(::onnx::NodeProto& node, std::string key, std::string value) {
  auto& entry = *node.add_metadata_props();
  entry.set_key(std::move(key));
  entry.set_value(std::move(value));
}

bool parse_node(std::string_view encoded, ::onnx::NodeProto& node) {
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(encoded.data()),
                                                static_cast<int>(encoded.size()));
  stream.SetRecursionLimit(kMaxMessageDepth);
  return node.ParseFromCodedStream(&stream) && stream.ConsumedEntireMessage();
}

/// What the importer noted, out of the metadata; 1 where it did not.
int64_t take_opset(::onnx::NodeProto& proto) {
  auto& entries = *proto.mutable_metadata_props();
  int64_t opset = 1;
  for (int i = entries.size(); i-- > 0;) {
    if (entries[i].key() != "nitro.opset") continue;
    if (!parse_integer(entries[i].value(), opset) || opset < 1) opset = 1;
    entries.DeleteSubrange(i, 1);
  }
  return opset;
}

}  // namespace

NodeAttributes& NodeAttributes::integer(std::string_view name, int64_t value) {
  append(proto_, name, Attribute::INT).set_i(value);
  return *this;
}

NodeAttributes& NodeAttributes::number(std::string_view name, double value) {
  append(proto_, name, Attribute::FLOAT).set_f(static_cast<float>(value));
  return *this;
}

NodeAttributes& NodeAttributes::string(std::string_view name, std::string_view value) {
  append(proto_, name, Attribute::STRING).set_s(std::string(value));
  return *this;
}

NodeAttributes& NodeAttributes::integers(std::string_view name,
                                         const std::vector<int64_t>& values) {
  Attribute& attribute = append(proto_, name, Attribute::INTS);
  for (int64_t value : values) attribute.add_ints(value);
  return *this;
}

NodeAttributes& NodeAttributes::numbers(std::string_view name, const std::vector<double>& values) {
  Attribute& attribute = append(proto_, name, Attribute::FLOATS);
  for (double value : values) attribute.add_floats(static_cast<float>(value));
  return *this;
}

int64_t ExportNode::opset() const { return state_.opset; }

std::string ExportNode::input(size_t i) const {
  if (i >= node_.inputs.size() || node_.inputs[i] == kNoValue) return {};
  return state_.value_names[node_.inputs[i]];
}

std::string ExportNode::output(size_t i) const {
  return i < node_.outputs.size() ? state_.value_names[node_.outputs[i]] : std::string();
}

std::vector<std::string> ExportNode::inputs() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < node_.inputs.size(); ++i) names.push_back(input(i));
  while (!names.empty() && names.back().empty()) names.pop_back();
  return names;
}

NodeAttributes ExportNode::add(std::string_view op_type, std::vector<std::string> inputs,
                               std::vector<std::string> outputs, std::string_view domain) {
  while (!inputs.empty() && inputs.back().empty()) inputs.pop_back();
  while (!outputs.empty() && outputs.back().empty()) outputs.pop_back();
  ::onnx::NodeProto& proto = *state_.model.mutable_graph()->add_node();
  proto.set_op_type(std::string(op_type));
  proto.set_domain(std::string(domain));
  for (std::string& name : inputs) proto.add_input(std::move(name));
  for (std::string& name : outputs) proto.add_output(std::move(name));
  if (!domain.empty()) state_.domains.emplace(domain, 1);

  Json origins = Json::array();
  for (OriginId id : node_.origins) {
    const Origin& origin = graph_.origins()[id];
    origins.push_back(Json::array({origin.node, origin.module}));
  }
  const std::string name = node_.origins.empty() ? fmt::format("nitro/{}", op_type)
                                                 : graph_.origins()[node_.origins.front()].node;
  proto.set_name(state_.node_names.choose(name));
  if (!node_.origins.empty()) {
    add_metadata(proto, "nitro.origins", origins.dump());
    add_metadata(proto, "nitro.module", graph_.origins()[node_.origins.front()].module);
  }
  return NodeAttributes(proto);
}

std::string ExportNode::constant(Tensor tensor) {
  return state_.initializers.emplace_back(fresh_name(), std::move(tensor)).first;
}

std::string ExportNode::fresh_name() {
  return state_.taken.choose(fmt::format("nitro.{}", state_.next_fresh++));
}

Result<void> ExportNode::restore_captured_names(const std::vector<std::string>& read,
                                                size_t operands) {
  for (size_t i = operands; i < read.size(); ++i) {
    const std::string current = input(i);
    if (current == read[i] || state_.aliases[read[i]] == current) continue;
    if (!state_.taken.take(read[i])) {
      return fail(ErrorCode::kUnsupportedOp,
                  "a subgraph reads tensor '{}', whose name another tensor has", display(read[i]));
    }
    state_.aliases[read[i]] = current;
    add("Identity", {current}, {read[i]});
  }
  return {};
}

Result<void> ExportNode::add_encoded(std::string_view encoded) {
  ::onnx::NodeProto proto;
  if (!parse_node(encoded, proto)) {
    return fail(ErrorCode::kBadModel, "an opaque node does not decode");
  }
  TRY(restore_captured_names(reads_of(proto), static_cast<size_t>(proto.input_size())));
  for (int i = 0; i < proto.input_size(); ++i) proto.set_input(i, input(static_cast<size_t>(i)));
  for (int i = 0; i < proto.output_size(); ++i) proto.set_output(i, output(static_cast<size_t>(i)));
  proto.set_name(state_.node_names.choose(proto.name()));
  const int64_t opset = take_opset(proto);
  if (!proto.domain().empty() && proto.domain() != "ai.onnx") {
    const auto [known, is_new] = state_.domains.emplace(proto.domain(), opset);
    if (!is_new && known->second != opset) {
      return fail(ErrorCode::kUnsupportedOp,
                  "node '{}' needs opset {} of domain '{}', another node needs {}",
                  display(proto.name()), opset, display(proto.domain()), known->second);
    }
  }
  *state_.model.mutable_graph()->add_node() = std::move(proto);
  return {};
}

template <>
Result<void> export_op(const Opaque& op, ExportNode& node) {
  return node.add_encoded(op.encoded);
}

}  // namespace nitro::onnx
