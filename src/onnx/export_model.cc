#include "onnx/export_model.h"

#include <algorithm>

#include "base/file.h"
#include "onnx/convert_tensor.h"
#include "onnx/encoded_model.h"
#include "onnx/export_node.h"
#include "onnx/export_state.h"

namespace nitro::onnx {
namespace {

constexpr int64_t kIrVersion = 10;

/// That which came with the opset, for runtimes of that time.
int64_t ir_version_of(int64_t opset) {
  if (opset < 15) return 7;
  return opset < 19 ? 8 : 9;
}

void set_value_info(::onnx::ValueInfoProto& info, const std::string& name, const TensorType& type) {
  info.set_name(name);
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(dtype_to_onnx(type.dtype));
  tensor.mutable_shape();
  for (int64_t dim : type.shape) tensor.mutable_shape()->add_dim()->set_dim_value(dim);
}

/// Inputs and outputs get their names first, so that no inner value can take them.
std::vector<std::string> choose_names(const Graph& graph, UniqueNames& taken) {
  const std::vector<uint32_t> uses = use_counts(graph);
  std::vector<std::string> names(graph.values().size());
  const auto choose = [&](ValueId id) {
    std::string& name = names[id];
    if (!name.empty() || (uses[id] == 0 && graph.value(id).producer != kNoNode)) return;
    const std::string& wanted = graph.value(id).name;
    name = taken.choose(wanted.empty() ? fmt::format("nitro.v{}", id) : wanted);
  };
  for (ValueId id : graph.inputs()) choose(id);
  for (ValueId id : graph.outputs()) choose(id);
  for (ValueId id = 0; id < graph.values().size(); ++id) choose(id);
  return names;
}

void add_initializers(const Graph& graph, ExportState& state) {
  const std::vector<uint32_t> uses = use_counts(graph);
  for (ValueId id = 0; id < graph.values().size(); ++id) {
    const Tensor* tensor = graph.constant(id);
    if (tensor && uses[id] > 0) state.initializers.emplace_back(state.value_names[id], *tensor);
  }
}

/// Of what Opaque nodes make, which no inference can find again.
void add_value_info(const Graph& graph, ExportState& state) {
  for (const Node& node : graph.nodes()) {
    if (!std::holds_alternative<Opaque>(node.op)) continue;
    for (ValueId id : node.outputs) {
      const std::string& name = state.value_names[id];
      if (name.empty() || std::ranges::find(graph.outputs(), id) != graph.outputs().end()) continue;
      set_value_info(*state.model.mutable_graph()->add_value_info(), name, graph.type(id));
    }
  }
}

void add_opset(::onnx::ModelProto& model, std::string domain, int64_t version) {
  auto& entry = *model.add_opset_import();
  entry.set_domain(std::move(domain));
  entry.set_version(version);
}

}  // namespace

std::vector<std::string> exported_names(const Graph& graph) {
  UniqueNames taken;
  return choose_names(graph, taken);
}

Result<EncodedModel> export_model(const Graph& graph, const ExportTarget* target) {
  ExportState state;
  if (target != nullptr) state.opset = target->opset;
  state.model.set_ir_version(target != nullptr ? ir_version_of(target->opset) : kIrVersion);
  state.model.set_producer_name("nitro");
  auto& proto = *state.model.mutable_graph();
  proto.set_name(graph.name.empty() ? "nitro" : graph.name);
  state.value_names = choose_names(graph, state.taken);
  for (ValueId id : graph.inputs())
    set_value_info(*proto.add_input(), state.value_names[id], graph.type(id));
  for (ValueId id : graph.outputs()) {
    set_value_info(*proto.add_output(), state.value_names[id], graph.type(id));
  }
  add_initializers(graph, state);
  add_value_info(graph, state);
  for (const Node& node : graph.nodes()) {
    ExportNode writer(graph, node, state);
    TRY(std::visit([&](const auto& op) { return export_op(op, writer); }, node.op));
  }
  if (target != nullptr) TRY(check_target(graph, state.model, *target));
  add_opset(state.model, "", state.opset);
  for (const auto& [domain, version] : state.domains) add_opset(state.model, domain, version);
  return EncodedModel::of(std::move(state));
}

Result<void> write_model(const Graph& graph, const std::filesystem::path& path) {
  const EncodedModel encoded = TRY(export_model(graph));
  return write_file_atomic(path, encoded.pieces());
}

}  // namespace nitro::onnx
