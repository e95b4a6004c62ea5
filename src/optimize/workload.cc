#include "optimize/workload.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "eval/model_calls.h"
#include "optimize/grey_input.h"

namespace nitro::optimize {
namespace {

std::string output_name(const std::string& name, const Workload& workload, size_t call) {
  return workload.modalities.empty() ? name : name + "." + workload.modalities[call];
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

bool Workload::is_batched(const Graph& graph) const {
  return eval::has_input_for_each(graph, modalities);
}

std::vector<Workload::Slot> Workload::slots(const Graph& original) const {
  const bool named_by_modality = original.inputs().size() == 1 && !modalities.empty();
  std::vector<Slot> result;
  for (size_t call = 0; call < (is_batched(original) ? 1 : calls()); ++call) {
    for (ValueId value : original.inputs()) {
      FrameInput input{named_by_modality ? modalities[call] : original.value(value).name,
                       original.type(value)};
      input.grey = input.type.rank() == 4 && contains(grey, input.name);
      if (input.grey) input.type.shape[1] = 1;
      result.push_back({std::move(input), call, value});
    }
  }
  return result;
}

std::vector<FrameInput> Workload::frame_inputs(const Graph& original) const {
  std::vector<FrameInput> result;
  for (Slot& slot : slots(original)) result.push_back(std::move(slot.input));
  return result;
}

Result<void> Workload::check_grey(const Graph& graph) const {
  const int64_t channels = is_batched(graph) ? 1 : 3;
  for (ValueId id : graph.inputs()) {
    const std::string& name = graph.value(id).name;
    const TensorType& type = graph.type(id);
    const bool is_grey = is_batched(graph) ? contains(grey, name) : !grey.empty();
    if (!is_grey || (type.rank() == 4 && type.shape[1] == channels && is_float(type.dtype)))
      continue;
    return fail(ErrorCode::kUsage, "--grey needs images of {} {}, the model's input '{}' is {}",
                channels, channels == 1 ? "channel" : "channels", display(name, 80), text(type));
  }
  return {};
}

std::vector<InputKind> Workload::proven_kinds() const {
  std::vector<InputKind> kinds = {InputKind::kRandom, InputKind::kNatural};
  if (!given.empty()) kinds.push_back(InputKind::kGiven);
  return kinds;
}

Tensor Workload::tensor(const Slot& slot, InputKind kind, uint64_t its_seed) const {
  const auto found = std::ranges::find(given, slot.input.name, &GivenInput::name);
  if (kind == InputKind::kGiven && found != given.end()) return found->tensor;
  return slot.input.grey ? sample_grey(slot.input.type, kind, its_seed)
                         : sample_input(slot.input.type, kind, its_seed);
}

std::vector<runner::NamedTensors> Workload::inputs(const Graph& original, const Graph& graph,
                                                   InputKind kind) const {
  std::vector<runner::NamedTensors> frame(is_batched(graph) ? 1 : calls());
  uint64_t next_seed = seed;
  for (const Slot& slot : slots(original)) {
    Tensor made = tensor(slot, kind, next_seed++);
    if (is_batched(graph)) {
      frame[0].emplace(slot.input.name, std::move(made));
    } else {
      if (slot.input.grey) made = normalized_grey(made);
      frame[slot.call].emplace(original.value(slot.value).name, std::move(made));
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
      const runner::NamedTensors& made = frame[is_batched(graph) ? 0 : call];
      const auto found = made.find(is_batched(graph) ? output_name(name, *this, call) : name);
      if (found == made.end()) return fail(ErrorCode::kInternal, "output '{}' is missing", name);
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
  return fmt::format(
      "one frame is {} through the same weights: {} calls of the original model{}",
      fmt::join(modalities, " and "), modalities.size(),
      grey.empty() ? "" : fmt::format("; {} as one channel", fmt::join(grey, " and ")));
}

}  // namespace nitro::optimize
