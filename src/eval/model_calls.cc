#include "eval/model_calls.h"

#include <algorithm>

#include "base/text.h"

namespace nitro::eval {
namespace {

/// The output with a row for each of `batch` images: of the length that is wanted, or else the
/// first. In a batch of modalities, one whose name ends with that of the modality.
Result<std::string> output_for(const Graph& graph, const std::string& suffix, int64_t batch,
                               std::optional<size_t> dim) {
  std::string first;
  for (ValueId id : graph.outputs()) {
    const TensorType& type = graph.type(id);
    const std::string& name = graph.value(id).name;
    const bool rows = !type.shape.empty() && type.shape[0] == batch && type.elements() > 0 &&
                      is_float(type.dtype);
    if (!rows || !name.ends_with(suffix)) continue;
    if (dim && type.elements() == batch * static_cast<int64_t>(*dim)) return name;
    if (first.empty()) first = name;
  }
  if (dim && !first.empty()) {
    return fail(ErrorCode::kUsage, "no output of the model has rows of {} values, as the text has",
                *dim);
  }
  if (!first.empty()) return first;
  return fail_with_hint(
      ErrorCode::kUsage,
      fmt::format("no output of the model{} is a row for each of {} image(s)",
                  suffix.empty() ? "" : " for " + display(suffix.substr(1), 60), batch),
      "nitro inspect shows the outputs");
}

Result<Port> port_for(const Graph& graph, ValueId input, size_t modality, const std::string& suffix,
                      const PortOptions& options) {
  Port port{modality, graph.value(input).name, graph.type(input)};
  if (port.type.shape.empty() || port.type.shape[0] < 1) {
    return fail(ErrorCode::kUsage, "the input '{}' is {}, which takes no images",
                display(port.input, 60), text(port.type));
  }
  const bool one_channel = port.type.rank() == 4 && port.type.shape[1] == 1;
  port.pixels =
      options.pixels.value_or(one_channel ? image::Pixels::kUnit : image::Pixels::kNormalized);
  port.output = TRY(output_for(graph, suffix, port.type.shape[0], options.dim));
  return port;
}

}  // namespace

bool has_input_for_each(const Graph& graph, const std::vector<std::string>& modalities) {
  return modalities.size() > 1 && graph.inputs().size() == modalities.size() &&
         std::ranges::all_of(graph.inputs(), [&](ValueId id) {
           return std::ranges::find(modalities, graph.value(id).name) != modalities.end();
         });
}

Result<ModelCalls> model_calls(const Graph& graph, const PortOptions& options) {
  const std::vector<std::string>& modalities = options.modalities;
  ModelCalls calls;
  if (graph.inputs().size() == 1) {
    for (size_t i = 0; i < modalities.size(); ++i)
      calls.push_back({TRY(port_for(graph, graph.inputs()[0], i, "", options))});
    return calls;
  }
  if (!has_input_for_each(graph, modalities)) {
    return fail_with_hint(
        ErrorCode::kUsage,
        fmt::format("the model has {} inputs, which are not named as the {} modalities",
                    graph.inputs().size(), modalities.size()),
        "a model to evaluate has one input, or one for each modality");
  }
  calls.emplace_back();
  for (ValueId input : graph.inputs()) {
    const auto modality = std::ranges::find(modalities, graph.value(input).name);
    calls[0].push_back(
        TRY(port_for(graph, input, static_cast<size_t>(modality - modalities.begin()),
                     "." + *modality, options)));
  }
  for (const Port& port : calls[0]) {
    if (port.type.shape[0] == calls[0][0].type.shape[0]) continue;
    return fail(ErrorCode::kUsage, "the inputs of the model take different numbers of images");
  }
  return calls;
}

}  // namespace nitro::eval
