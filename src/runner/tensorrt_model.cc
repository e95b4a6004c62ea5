#include "runner/tensorrt_model.h"

#include <array>

#include "base/file.h"
#include "base/text.h"
#include "onnx/export_model.h"
#include "onnx/import_model.h"
#include "passes/legalize.h"

namespace nitro::runner {
namespace {

bool is_port_type(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kI32 ||
         dtype == DType::kI64 || dtype == DType::kBool;
}

/// `ids` of `graph`, which are `written` in the file.
Result<Json> ports(const Graph& graph, const std::vector<ValueId>& ids, const Graph& file,
                   const std::vector<ValueId>& written) {
  if (ids.size() != written.size())
    return fail(ErrorCode::kInternal, "the model that was written has other inputs or outputs");
  Json list = Json::array();
  for (size_t i = 0; i < ids.size(); ++i) {
    const TensorType& type = graph.type(ids[i]);
    if (!is_port_type(type.dtype)) {
      return fail(ErrorCode::kUnsupportedDtype,
                  "'{}' is {}, and inputs and outputs of TensorRT are f32, f16, i32, i64 or bool",
                  display(graph.value(ids[i]).name, 80), name(type.dtype));
    }
    list.push_back(Json::object({{"name", graph.value(ids[i]).name},
                                 {"binding", file.value(written[i]).name},
                                 {"dtype", name(type.dtype)},
                                 {"shape", Json::array_of(type.shape)}}));
  }
  return list;
}

/// trtexec splits its arguments at commas and colons, and writes names unescaped.
Graph with_plain_ports(Graph graph) {
  const std::vector<ValueId> inputs = graph.inputs();
  for (size_t i = 0; i < inputs.size(); ++i)
    graph.set_value_name(inputs[i], fmt::format("nitro_input_{}", i));
  const std::vector<ValueId> outputs = graph.outputs();
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (graph.producer(outputs[i]) != nullptr)
      graph.set_value_name(outputs[i], fmt::format("nitro_output_{}", i));
  }
  return graph;
}

}  // namespace

std::string_view tensorrt_target(const trace::TensorrtVersion& version) {
  struct Row {
    trace::TensorrtVersion from;
    std::string_view target;
  };
  constexpr std::array kRows = {Row{{10, 0, 0}, "tensorrt-10"}, Row{{8, 6, 0}, "tensorrt-8.6"},
                                Row{{8, 2, 0}, "tensorrt-8.2"}};
  for (const Row& row : kRows) {
    if (version >= row.from) return row.target;
  }
  return "tensorrt-8.0";
}

Result<TensorrtModel> write_tensorrt_model(const std::filesystem::path& model,
                                           const std::map<std::string, Shape>& shapes,
                                           const trace::TensorrtVersion& version,
                                           const std::filesystem::path& file) {
  onnx::ImportOptions options;
  options.shapes = shapes;
  const onnx::ImportedModel opened = TRY(onnx::import_model(model, options));
  const onnx::ExportTarget* target = TRY(onnx::find_export_target(tensorrt_target(version)));
  const Graph legal = with_plain_ports(TRY(passes::legalize(opened.graph, *target)));
  const onnx::EncodedModel encoded = TRY(onnx::export_model(legal, target));
  TRY(write_file_atomic(file, encoded.pieces()));

  const onnx::ImportedModel written = TRY(onnx::import_model(file));
  TensorrtModel result;
  result.inputs =
      TRY(ports(opened.graph, opened.graph.inputs(), written.graph, written.graph.inputs()));
  result.outputs =
      TRY(ports(opened.graph, opened.graph.outputs(), written.graph, written.graph.outputs()));
  for (const onnx::ModelNode& node : written.nodes) {
    result.nodes.push_back({node.name, node.inputs, node.outputs});
    result.op_types.push_back(node.op_type);
    std::vector<std::string>& origins = result.origins.emplace_back();
    for (const Origin& origin : node.origins) origins.push_back(origin.node);
  }
  return result;
}

}  // namespace nitro::runner
