#include "suite_case.h"

#include <fmt/ranges.h>
#include <onnx-ml.pb.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "close.h"
#include "onnx/convert_tensor.h"
#include "onnx/export_model.h"
#include "onnx/import_model.h"
#include "onnx/load_model.h"
#include "reference/executor.h"

namespace nitro::conformance {
namespace {

namespace fs = std::filesystem;

/// `wanted` is the data type that the model declares. The suite writes bfloat16 as uint16.
Result<Tensor> read_tensor(const fs::path& path, int wanted) {
  const std::string bytes = TRY(read_file(path));
  ::onnx::TensorProto proto;
  if (!proto.ParseFromString(bytes))
    return fail(ErrorCode::kBadFile, "'{}' is corrupt", path.c_str());
  if (wanted == ::onnx::TensorProto::BFLOAT16 && proto.data_type() == ::onnx::TensorProto::UINT16)
    proto.set_data_type(wanted);
  std::vector<std::string> notes;
  const FileDescriptor no_folder;
  return onnx::take_tensor(proto, {no_folder, {}, notes});
}

/// What a case consists of, under the names of the model. Absent tensors are of kinds that Nitro
/// does not have (sequences, strings, ...).
struct SuiteCase {
  fs::path model;
  std::vector<std::pair<std::string, std::optional<Tensor>>> inputs;
  std::vector<std::pair<fs::path, int>> outputs;  // files and declared data types
  std::vector<std::string> operators;             // "Op (opset N)"
};

/// Nothing for what is no tensor or has a data type that Nitro lacks. Some CastLike cases have a
/// model of another rank than its operand, of which only the data type matters.
std::optional<Tensor> read_input(const fs::path& path, const ::onnx::TypeProto& type) {
  if (!type.has_tensor_type()) return std::nullopt;
  const Result<Tensor> value = read_tensor(path, type.tensor_type().elem_type());
  if (!value) return std::nullopt;
  Shape declared;
  for (const auto& dim : type.tensor_type().shape().dim()) declared.push_back(dim.dim_value());
  if (std::ssize(declared) != value->type().rank()) return Tensor({value->dtype(), declared});
  return *value;
}

Result<SuiteCase> open_case(const fs::path& folder) {
  SuiteCase suite_case{folder / "model.onnx", {}, {}, {}};
  onnx::LoadedModel loaded = TRY(onnx::load_model(suite_case.model, {}));
  const ::onnx::ModelProto& model = loaded.model();
  const fs::path data = folder / "test_data_set_0";
  for (int i = 0; i < model.graph().input_size(); ++i) {
    const fs::path path = data / fmt::format("input_{}.pb", i);
    if (!fs::exists(path)) break;  // an initializer listed as input
    const auto& type = model.graph().input(i).type();
    suite_case.inputs.emplace_back(model.graph().input(i).name(), read_input(path, type));
  }
  for (int i = 0; i < model.graph().output_size(); ++i) {
    suite_case.outputs.emplace_back(data / fmt::format("output_{}.pb", i),
                                    model.graph().output(i).type().tensor_type().elem_type());
  }
  for (const auto& node : model.graph().node()) {
    for (const auto& opset : model.opset_import()) {
      if (opset.domain() == node.domain()) {
        suite_case.operators.push_back(fmt::format("{}{}{} (opset {})", node.domain(),
                                                   node.domain().empty() ? "" : ".", node.op_type(),
                                                   opset.version()));
      }
    }
  }
  return suite_case;
}

const Tensor& value_of(const SuiteCase& suite_case, const std::string& name) {
  return *std::ranges::find(suite_case.inputs, name, [](const auto& input) {
            return input.first;
          })->second;
}

bool is_unsupported(const Error& error) {
  return error.code == ErrorCode::kUnsupportedOp || error.code == ErrorCode::kUnsupportedDtype;
}

/// The next input to bind to its value: the one that `error` names, else any that can give a shape.
const std::string* next_to_bind(const SuiteCase& suite_case, const onnx::ImportOptions& options,
                                const Error& error) {
  const std::string* candidate = nullptr;
  for (const auto& [name, value] : suite_case.inputs) {
    if (!value || options.values.contains(name)) continue;
    if (error.message.contains("'" + name + "'")) return &name;
    if (!candidate && (!is_float(value->dtype()) || value->elements() == 1)) candidate = &name;
  }
  return candidate;
}

/// Why `imported` cannot be executed: its error, or what was noted about an operator kept as it is.
std::optional<Error> obstacle_of(const Result<onnx::ImportedModel>& imported) {
  if (!imported) return imported.error();
  const bool opaque = std::ranges::any_of(imported->graph.nodes(), [](const Node& node) {
    return std::holds_alternative<Opaque>(node.op);
  });
  if (!opaque) return std::nullopt;
  return Error{ErrorCode::kUnsupportedOp, fmt::format("{}", fmt::join(imported->notes, "; "))};
}

/// Imports; an input whose value gives a shape is bound, as Nitro's shapes are static.
Result<Graph> import_bound(const SuiteCase& suite_case) {
  onnx::ImportOptions options;
  for (const auto& [name, value] : suite_case.inputs) {
    if (value) options.shapes[name] = value->shape();
  }
  while (true) {
    Result<onnx::ImportedModel> imported = onnx::import_model(suite_case.model, options);
    std::optional<Error> obstacle = obstacle_of(imported);
    if (!obstacle) return std::move(imported->graph);
    const bool bindable = is_unsupported(*obstacle) || obstacle->code == ErrorCode::kUnknownShape;
    const std::string* name = bindable ? next_to_bind(suite_case, options, *obstacle) : nullptr;
    if (!name) return std::unexpected(std::move(*obstacle));
    options.values[*name] = value_of(suite_case, *name);
  }
}

std::vector<Tensor> inputs_of(const SuiteCase& suite_case, const Graph& graph) {
  std::vector<Tensor> inputs;
  for (ValueId id : graph.inputs()) {
    for (const auto& [name, value] : suite_case.inputs) {
      if (name == graph.value(id).name && value) inputs.push_back(*value);
    }
  }
  return inputs;
}

Result<std::vector<Tensor>> execute(const SuiteCase& suite_case, const Graph& graph) {
  return reference::execute(graph, inputs_of(suite_case, graph));
}

/// The operator of the case that `error` names, or what it says.
std::string reason_of(const SuiteCase& suite_case, const Error& error) {
  if (error.code == ErrorCode::kUnsupportedDtype) return error.message;
  for (const std::string& op : suite_case.operators) {
    if (error.text().contains(op)) return op;
    const std::string name = op.substr(0, op.find(' '));
    if (error.text().contains("(" + name + ")")) return op;
  }
  return "UNNAMED " + error.text();
}

Result<void> check_outputs(const SuiteCase& suite_case, const std::vector<Tensor>& got) {
  for (size_t i = 0; i < got.size(); ++i) {
    const auto& [path, type] = suite_case.outputs[i];
    TRY(in_context(check_close(TRY(read_tensor(path, type)), got[i]), fmt::format("output {}", i)));
  }
  return {};
}

/// Exports `graph` and compares what the exported model computes. False where export refuses.
Result<bool> check_round_trip(const SuiteCase& suite_case, const Graph& graph,
                              const std::vector<Tensor>& outputs, const fs::path& path) {
  const Result<void> written = onnx::write_model(graph, path);
  if (!written && is_unsupported(written.error())) return false;
  if (!written) return std::unexpected(written.error());
  const onnx::ImportedModel again = TRY(onnx::import_model(path));
  const std::vector<Tensor> got = TRY(execute(suite_case, again.graph));
  for (size_t i = 0; i < got.size(); ++i) {
    TRY(in_context(check_close(outputs[i], got[i]), fmt::format("output {}", i)));
  }
  return true;
}

}  // namespace

Result<BoundCase> bind_case(const fs::path& folder) {
  const SuiteCase suite_case = TRY(open_case(folder));
  Graph graph = TRY(import_bound(suite_case));
  std::vector<Tensor> inputs = inputs_of(suite_case, graph);
  return BoundCase{std::move(graph), std::move(inputs)};
}

Result<RunResult> run_case(const fs::path& folder, const fs::path& exported_folder) {
  const SuiteCase suite_case = TRY(open_case(folder));
  const Result<Graph> graph = import_bound(suite_case);
  if (!graph && is_unsupported(graph.error())) {
    return RunResult{{false, reason_of(suite_case, graph.error())}, false};
  }
  if (!graph) return std::unexpected(graph.error());
  const std::vector<Tensor> outputs = TRY(execute(suite_case, *graph));
  TRY(check_outputs(suite_case, outputs));
  const fs::path path = exported_folder / (folder.filename().string() + ".onnx");
  const bool exported =
      TRY(in_context(check_round_trip(suite_case, *graph, outputs, path), "exported"));
  return RunResult{{true, ""}, exported};
}

}  // namespace nitro::conformance
