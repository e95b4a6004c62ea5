#include "onnx/import_model.h"

#include <onnx-ml.pb.h>

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "base/json.h"
#include "base/text.h"
#include "onnx/convert_tensor.h"
#include "onnx/declared_types.h"
#include "onnx/dequantization_modules.h"
#include "onnx/import_node.h"
#include "onnx/import_state.h"
#include "onnx/inline_branch.h"
#include "onnx/inline_functions.h"
#include "onnx/load_model.h"
#include "onnx/module_path.h"
#include "onnx/renaming.h"
#include "onnx/sort_nodes.h"
#include "onnx/standalone_model.h"

namespace nitro::onnx {
namespace {

using ::onnx::ModelProto;
using ::onnx::NodeProto;
using ::onnx::TypeProto;

constexpr int64_t kOldestOpset = 1;
constexpr int64_t kNewestOpset = 28;

/// Runs the phases of one import.
class Import {
 public:
  Import(const std::filesystem::path& path, LoadedModel& loaded, const ImportOptions& options)
      : path_(path),
        model_(loaded.model()),
        graph_(*model_.mutable_graph()),
        options_(options),
        state_(loaded.folder(), loaded.owner(), options.limits),
        branch_budget_(model_, options.limits) {}

  Result<ImportedModel> run() {
    TRY(read_opsets());
    TRY(check_limits());
    inlined_ = TRY(inline_functions(model_, options_.limits));
    if (inlined_.calls > 0) TRY(check_limits());
    TRY(read_initializers(graph_));
    TRY(read_inputs());
    types_.add(graph_.value_info());
    types_.add(graph_.output());
    TRY(import_nodes(graph_, ""));
    TRY(read_outputs());
    state_.graph.name = graph_.name();
    return ImportedModel{std::move(state_.graph), std::move(nodes_),  opset(""),
                         model_.producer_name(),  inlined_.calls > 0, std::move(state_.notes)};
  }

 private:
  int64_t opset(const std::string& domain) const {
    const auto found = opsets_.find(domain == "ai.onnx" ? "" : domain);
    return found == opsets_.end() ? 1 : found->second;
  }

  int64_t opset(const NodeProto& node) const {
    const std::string domain = node.domain() == "ai.onnx" ? "" : node.domain();
    if (const auto of_function = inlined_.node_opsets.find(&node);
        of_function != inlined_.node_opsets.end() && of_function->second->contains(domain)) {
      return of_function->second->at(domain);
    }
    return opset(domain);
  }

  Result<void> read_opsets() {
    for (const auto& entry : model_.opset_import()) {
      opsets_[entry.domain() == "ai.onnx" ? "" : entry.domain()] = entry.version();
    }
    if (opsets_.empty()) opsets_[""] = 1;
    if (opsets_.contains("") && (opset("") < kOldestOpset || opset("") > kNewestOpset)) {
      return fail_with_hint(
          ErrorCode::kBadModel,
          fmt::format("opset {} is outside {} to {}", opset(""), kOldestOpset, kNewestOpset),
          "export with an opset in that range");
    }
    return {};
  }

  Result<void> check_limits() {
    const Limits& limits = options_.limits;
    if (static_cast<size_t>(graph_.node_size()) > limits.max_nodes) {
      return fail(ErrorCode::kLimitExceeded, "{} nodes are above the limit of {}",
                  graph_.node_size(), limits.max_nodes);
    }
    const int depth = subgraph_depth(graph_);
    if (depth > limits.max_subgraph_depth) {
      return fail(ErrorCode::kLimitExceeded, "subgraphs are nested {} deep, the limit is {}", depth,
                  limits.max_subgraph_depth);
    }
    return check_names(graph_);
  }

  Result<void> check_names(const ::onnx::GraphProto& graph) const {
    for (const NodeProto& node : graph.node()) {
      if (node.name().size() > options_.limits.max_name_bytes) return long_name(node.name());
      for (const std::string& name : node.output()) {
        if (name.size() > options_.limits.max_name_bytes) return long_name(name);
      }
    }
    return {};
  }

  std::unexpected<Error> long_name(const std::string& name) const {
    return fail(ErrorCode::kLimitExceeded, "the name '{}' has {} bytes, the limit is {}",
                display(name, 40), name.size(), options_.limits.max_name_bytes);
  }

  Result<void> define(const std::string& name, ValueId value) {
    if (state_.values.emplace(name, value).second) return {};
    return fail(ErrorCode::kBadModel, "tensor '{}' is defined twice", display(name));
  }

  Result<void> read_initializers(::onnx::GraphProto& graph) {
    if (graph.sparse_initializer_size() > 0) {
      return fail(ErrorCode::kUnsupportedOp, "sparse initializers are not supported");
    }
    for (auto& proto : *graph.mutable_initializer()) {
      Tensor tensor = TRY(take_tensor(proto, state_.tensors));
      TRY(define(proto.name(),
                 state_.graph.add_constant(std::move(tensor), to_valid_utf8(proto.name()))));
    }
    return {};
  }

  Result<void> read_inputs() {
    for (const auto& input : graph_.input()) {
      const auto defined = state_.values.find(input.name());
      if (defined != state_.values.end() && state_.graph.constant(defined->second))
        continue;  // an initializer listed as input, as up to IR 3
      if (const auto value = options_.values.find(input.name()); value != options_.values.end()) {
        TRY(define(input.name(), state_.graph.add_constant(value->second, input.name())));
        continue;
      }
      const auto given = options_.shapes.find(input.name());
      const Shape* shape = given == options_.shapes.end() ? nullptr : &given->second;
      TensorType type = TRY(
          in_context(types_.input(input, shape, options_.batch), fmt::format("input '{}'", display(input.name()))));
      TRY(define(input.name(),
                 state_.graph.add_input(to_valid_utf8(input.name()), std::move(type))));
    }
    for (const auto& [name, shape] : options_.shapes) {
      if (!state_.values.contains(name)) {
        return fail(ErrorCode::kUsage, "--shape names '{}', which is not an input of the model",
                    display(name));
      }
    }
    return {};
  }

  /// The nodes of `graph`, which is that of the model or a branch that was fitted into it; `scope`
  /// stands before the names of those without one.
  Result<void> import_nodes(::onnx::GraphProto& graph, const std::string& scope) {
    const std::vector<int> order = TRY(
        sort_nodes(graph, [&](const std::string& name) { return state_.values.contains(name); }));
    if (!std::ranges::is_sorted(order) && !std::exchange(is_reordered_, true))
      state_.notes.emplace_back("the nodes were not in execution order");
    set_modules_of_dequantizations(graph);
    for (int index : order) {
      NodeProto& node = *graph.mutable_node(index);
      const std::string name =
          node.name().empty() ? fmt::format("{}{}_{}", scope, node.op_type(), index) : node.name();
      if (::onnx::GraphProto* branch = known_branch(node)) {
        TRY(import_branch(node, *branch, name));
      } else {
        TRY(import_node(node, name));
      }
    }
    return {};
  }

  /// The branch of an If whose condition is a constant.
  ::onnx::GraphProto* known_branch(NodeProto& node) {
    if (node.op_type() != "If" || !node.domain().empty() || node.input_size() != 1) return nullptr;
    const auto condition = state_.values.find(node.input(0));
    const Tensor* value =
        condition == state_.values.end() ? nullptr : state_.graph.constant(condition->second);
    if (!value || value->dtype() != DType::kBool || value->elements() != 1) return nullptr;
    ::onnx::GraphProto* branch = taken_branch(node, value->as<int64_t>()[0] != 0);
    return branch && branch->output_size() == node.output_size() ? branch : nullptr;
  }

  Result<void> import_branch(const NodeProto& node, ::onnx::GraphProto& branch,
                             const std::string& name) {
    if (!std::exchange(is_taken_known_, true)) take_names(graph_, taken_);
    const auto imported = [&]() -> Result<void> {
      TRY(inline_branch(node, branch, taken_, branch_budget_));
      TRY(check_names(branch));
      TRY(read_initializers(branch));
      types_.add(branch.value_info());
      types_.add(branch.output());
      return import_nodes(branch, name + '/');
    }();
    return in_context(imported, fmt::format("node '{}' (If)", display(name)));
  }

  Result<void> import_node(const NodeProto& proto, const std::string& name) {
    ModelNode& written = nodes_.emplace_back();
    written.name = name;
    written.op_type = proto.op_type();
    written.domain = proto.domain();
    written.inputs.assign(proto.input().begin(), proto.input().end());
    written.outputs.assign(proto.output().begin(), proto.output().end());
    written.origins = origins_of(proto, written.name);
    state_.origins.clear();
    for (const Origin& origin : written.origins)
      state_.origins.push_back(state_.graph.add_origin(origin));
    const std::string place =
        fmt::format("node '{}' ({})", display(written.name), display(proto.op_type()));
    written.first = static_cast<NodeId>(state_.graph.nodes().size());
    const std::vector<ValueId> outputs = TRY(in_context(lower(proto), place));
    written.last = static_cast<NodeId>(state_.graph.nodes().size());
    for (int i = 0; i < proto.output_size(); ++i) {
      if (proto.output(i).empty()) continue;
      if (static_cast<size_t>(i) >= outputs.size() || outputs[static_cast<size_t>(i)] == kNoValue) {
        return in_context<void>(
            fail(ErrorCode::kUnsupportedOp, "its output {} is not supported", i), place);
      }
      const ValueId value = outputs[static_cast<size_t>(i)];
      TRY(in_context(define(proto.output(i), value), place));
      if (state_.graph.value(value).name.empty()) {
        state_.graph.set_value_name(value, to_valid_utf8(proto.output(i)));
      }
    }
    return {};
  }

  /// What Nitro recorded when it wrote the file, else the node itself.
  static std::vector<Origin> origins_of(const NodeProto& proto, const std::string& name) {
    for (const auto& entry : proto.metadata_props()) {
      if (entry.key() != "nitro.origins") continue;
      const auto recorded = Json::parse(entry.value());
      if (!recorded) break;
      std::vector<Origin> origins;
      for (const Json& pair : recorded->items()) {
        if (pair.size() == 2)
          origins.push_back({pair.items()[0].as_string(), pair.items()[1].as_string()});
      }
      if (!origins.empty()) return origins;
    }
    return {{to_valid_utf8(name), to_valid_utf8(module_path(proto))}};
  }

  Result<std::vector<ValueId>> lower(const NodeProto& proto) {
    const Importer importer = find_importer(proto.domain(), proto.op_type());
    if (!importer) {
      return opaque(proto,
                    Error{ErrorCode::kUnsupportedOp,
                          fmt::format("operator {}{}{} (opset {}) is not known",
                                      display(proto.domain()), proto.domain().empty() ? "" : ".",
                                      display(proto.op_type()), opset(proto))});
    }
    ImportNode node(proto, opset(proto), state_);
    Result<std::vector<ValueId>> lowered = importer(node);
    if (lowered) return lowered;
    const ErrorCode code = lowered.error().code;
    if (code != ErrorCode::kUnsupportedOp && code != ErrorCode::kUnknownShape &&
        code != ErrorCode::kUnsupportedDtype) {
      return lowered;
    }
    return opaque(proto, std::move(lowered).error());
  }

  /// Keeps the node as it is, with output types from value_info; `reason` where they are not known.
  Result<std::vector<ValueId>> opaque(const NodeProto& proto, Error reason) {
    Opaque op{proto.domain(), proto.op_type(), encoded(proto), {}};
    if (!unknown_outputs(proto).empty()) TRY(run_for_types(proto, reason));
    for (const std::string& output : proto.output()) {
      op.types.push_back(output.empty() ? TensorType{} : *types_.find(output));
    }
    note_opaque(proto, reason);
    std::vector<ValueId> inputs;
    for (const std::string& name : reads_of(proto)) {
      inputs.push_back(name.empty() ? kNoValue : state_.values.at(name));
    }
    return state_.graph.add_node(std::move(op), std::move(inputs), state_.origins);
  }

  /// With the opset, which the writer of the node needs.
  std::string encoded(const NodeProto& proto) const {
    NodeProto copy = proto;
    auto& entries = *copy.mutable_metadata_props();
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [](const auto& entry) { return entry.key() == "nitro.opset"; }),
                  entries.end());
    auto& entry = *copy.add_metadata_props();
    entry.set_key("nitro.opset");
    entry.set_value(std::to_string(opset(proto)));
    return copy.SerializeAsString();
  }

  std::vector<std::string> unknown_outputs(const NodeProto& node) const {
    std::vector<std::string> names;
    for (const std::string& name : node.output()) {
      if (!name.empty() && !types_.find(name)) names.push_back(name);
    }
    return names;
  }

  /// Finds the types of what `proto` makes, and other nodes of its operator; `reason` says why
  /// inference does not.
  Result<void> run_for_types(const NodeProto& proto, const Error& reason) {
    constexpr std::string_view kHint =
        "write the types of its outputs into value_info, or name a --runner that knows the "
        "operator";
    // A shape that depends on values is another one in the next run.
    if (reason.code == ErrorCode::kUnknownShape) return std::unexpected(reason);
    std::vector<std::string> names;
    bool in_branch = true;  // whose tensors the file cannot give as outputs
    for (const NodeProto& node : graph_.node()) {
      if (node.op_type() != proto.op_type() || node.domain() != proto.domain()) continue;
      in_branch = in_branch && &node != &proto;
      for (std::string& name : unknown_outputs(node)) names.push_back(std::move(name));
    }
    if (!options_.types_by_run && !in_branch) {
      return fail_with_hint(reason.code, reason.text(),
                            "write the types of its outputs into value_info, or pass "
                            "--types-by-run, which executes the model");
    }
    if (in_branch) {
      return fail_with_hint(reason.code, reason.text(), std::string(kHint));
    }
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-types"));
    const std::filesystem::path file = scratch.path() / "model.onnx";
    TRY(write_standalone(path_, file, names, options_.limits));
    const auto types = options_.types_by_run(file, state_.graph);
    if (!types && (types.error().code == ErrorCode::kInterrupted ||
                   types.error().code == ErrorCode::kUnknownShape)) {
      return std::unexpected(types.error());
    }
    if (!types) {
      return fail_with_hint(reason.code,
                            fmt::format("{}, and a run to learn what it makes failed: {}",
                                        reason.text(), types.error().text()),
                            std::string(kHint));
    }
    for (const std::string& name : names) {
      const auto type = types->find(name);
      if (type == types->end()) {
        return fail(ErrorCode::kRunnerFailed, "the run gave no tensor '{}'", display(name));
      }
      types_.set(name, type->second);
    }
    state_.notes.push_back(
        fmt::format("what {} makes has the types that one run gave", display(proto.op_type())));
    return {};
  }

  /// Says once per operator and reason why Nitro cannot execute the model.
  void note_opaque(const NodeProto& proto, const Error& reason) {
    std::string note = fmt::format("{} (opset {}) cannot be executed: {}", display(proto.op_type()),
                                   opset(proto), reason.text());
    if (noted_.insert(note).second) state_.notes.push_back(std::move(note));
  }

  Result<void> read_outputs() {
    if (graph_.output_size() == 0) return fail(ErrorCode::kBadModel, "the graph has no outputs");
    std::vector<ValueId> outputs;
    for (const auto& output : graph_.output()) {
      const auto value = state_.values.find(output.name());
      if (value == state_.values.end()) {
        return fail(ErrorCode::kBadModel, "output '{}' is not defined", display(output.name()));
      }
      // A value can be an output under several names; each keeps its own.
      ValueId id = value->second;
      const Value& made = state_.graph.value(id);
      if (made.name != output.name()) {
        if (made.producer == kNoNode || std::ranges::find(outputs, id) != outputs.end() ||
            std::ranges::any_of(graph_.output(),
                                [&](const auto& other) { return other.name() == made.name; })) {
          id = TRY(state_.graph.add_node(Reshape{made.type.shape}, {id}))[0];
        }
        state_.graph.set_value_name(id, output.name());
      }
      outputs.push_back(id);
    }
    state_.graph.set_outputs(std::move(outputs));
    return {};
  }

  const std::filesystem::path& path_;
  ModelProto& model_;
  ::onnx::GraphProto& graph_;
  const ImportOptions& options_;
  ImportState state_;
  std::map<std::string, int64_t> opsets_;
  DeclaredTypes types_;
  InlinedFunctions inlined_;
  ByteBudget branch_budget_;
  UniqueNames taken_;  // names of tensors, once a branch was taken
  bool is_taken_known_ = false;
  bool is_reordered_ = false;
  std::vector<ModelNode> nodes_;
  std::unordered_set<std::string> noted_;
};

}  // namespace

Result<ImportedModel> import_model(const std::filesystem::path& path,
                                   const ImportOptions& options) {
  try {
    LoadedModel loaded = TRY(load_model(path, options.limits));
    return in_context(Import(path, loaded, options).run(), display(path.native()));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfMemory, "there is not enough memory to import '{}'",
                display(path.native()));
  }
}

}  // namespace nitro::onnx
