#include "optimize/workload.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace nitro::optimize {
namespace {

constexpr uint64_t kSeed = 20'240'314;

std::string output_name(const std::string& name, const Workload& workload, size_t call) {
  return workload.modalities.empty() ? name : name + "." + workload.modalities[call];
}

}  // namespace

bool Workload::is_batched(const Graph& graph) const {
  return modalities.size() > 1 && graph.inputs().size() == modalities.size() &&
         std::ranges::all_of(graph.inputs(), [&](ValueId id) {
           return std::ranges::find(modalities, graph.value(id).name) != modalities.end();
         });
}

std::vector<runner::NamedTensors> Workload::inputs(const Graph& original, const Graph& graph,
                                                   InputKind kind) const {
  std::vector<runner::NamedTensors> frame(is_batched(graph) ? 1 : calls());
  for (size_t call = 0; call < calls(); ++call) {
    for (size_t i = 0; i < original.inputs().size(); ++i) {
      const Value& input = original.value(original.inputs()[i]);
      Tensor tensor = sample_input(input.type, kind, kSeed + 100 * call + i);
      if (is_batched(graph)) {
        frame[0].emplace(modalities[call], std::move(tensor));
      } else {
        frame[call].emplace(input.name, std::move(tensor));
      }
    }
  }
  return frame;
}

Result<std::vector<Tensor>> Workload::outputs(
    const Graph& original, const Graph& graph,
    const std::vector<runner::NamedTensors>& frame) const {
  std::vector<Tensor> tensors;
  for (size_t call = 0; call < calls(); ++call) {
    for (ValueId id : original.outputs()) {
      const std::string& name = original.value(id).name;
      const runner::NamedTensors& given = frame[is_batched(graph) ? 0 : call];
      const auto found = given.find(is_batched(graph) ? output_name(name, *this, call) : name);
      if (found == given.end()) return fail(ErrorCode::kInternal, "output '{}' is missing", name);
      tensors.push_back(found->second);
    }
  }
  return tensors;
}

std::vector<std::string> Workload::output_names(const Graph& original) const {
  std::vector<std::string> names;
  for (size_t call = 0; call < calls(); ++call) {
    for (ValueId id : original.outputs())
      names.push_back(output_name(original.value(id).name, *this, call));
  }
  return names;
}

std::string Workload::description() const {
  if (modalities.empty()) return "one call per frame";
  return fmt::format("one frame is {} through the same weights: {} calls of the original model",
                     fmt::join(modalities, " and "), modalities.size());
}

}  // namespace nitro::optimize
