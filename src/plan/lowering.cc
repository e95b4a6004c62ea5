#include "plan/lowering.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "plan/arena.h"

namespace nitro::plan {
namespace {

constexpr double kLargestHalf = 65504;
/// Constants of loops with more elements than this are stored as the plan stores values.
constexpr int64_t kManyElements = 4096;

bool fits_half(const std::vector<double>& numbers) {
  return std::ranges::all_of(numbers, [](double x) { return std::abs(x) <= kLargestHalf; });
}

}  // namespace

Lowering::Lowering(const Graph& graph, const Uses& uses, Precision precision,
                   std::vector<bool> wide)
    : graph_(graph), uses_(uses), wide_(std::move(wide)) {
  plan_.name = graph.name;
  plan_.precision = precision;
  plan_.origins = graph.origins();
  const auto add_port = [&](std::vector<Port>& ports, Buffer::Kind kind, ValueId value) {
    const auto id = static_cast<BufferId>(plan_.buffers.size());
    plan_.buffers.push_back({kind, graph.type(value), static_cast<int64_t>(ports.size())});
    ports.push_back({graph.value(value).name, id});
    return id;
  };
  for (ValueId input : graph.inputs()) {
    buffers_[input] = add_port(plan_.inputs, Buffer::Kind::kInput, input);
  }
  for (ValueId output : graph.outputs()) {
    output_buffers_.try_emplace(output, add_port(plan_.outputs, Buffer::Kind::kOutput, output));
  }
}

DType Lowering::stored(ValueId value) const {
  const DType dtype = graph_.type(value).dtype;
  if (!is_float(dtype)) return dtype;
  return plan_.precision == Precision::kF16 && !is_wide(value) ? DType::kF16 : DType::kF32;
}

BufferId Lowering::add_result(ValueId value) {
  if (const auto found = output_buffers_.find(value); found != output_buffers_.end()) {
    buffers_[value] = found->second;
    output_buffers_.erase(found);
    return buffers_[value];
  }
  TensorType type = graph_.type(value);
  type.dtype = stored(value);
  const auto id = static_cast<BufferId>(plan_.buffers.size());
  plan_.buffers.push_back({Buffer::Kind::kArena, std::move(type)});
  buffers_[value] = id;
  return id;
}

BufferId Lowering::add_constant(Tensor tensor) {
  const auto bytes = tensor.bytes();
  const size_t hash =
      std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const auto [first, last] = constants_.equal_range(hash);
  for (auto same = first; same != last; ++same) {
    if (*plan_.buffers[same->second].constant == tensor) return same->second;
  }
  const auto id = static_cast<BufferId>(plan_.buffers.size());
  TensorType type = tensor.type();
  plan_.buffers.push_back({Buffer::Kind::kConstant, std::move(type), 0, std::move(tensor)});
  constants_.emplace(hash, id);
  return id;
}

BufferId Lowering::add_numbers(const Shape& shape, const std::vector<double>& numbers) {
  const bool half = plan_.precision == Precision::kF16 && fits_half(numbers);
  return add_constant(Tensor::of(half ? DType::kF16 : DType::kF32, shape, numbers));
}

BufferId Lowering::add_floats(const std::vector<double>& numbers) {
  return add_constant(Tensor::of(DType::kF32, {static_cast<int64_t>(numbers.size())}, numbers));
}

AddTable Lowering::add_table() {
  return [this](const std::vector<int64_t>& numbers) {
    return add_constant(Tensor::of(DType::kI32, {static_cast<int64_t>(numbers.size())}, numbers));
  };
}

BufferId Lowering::constant_buffer(ValueId value) {
  const Tensor& tensor = *graph_.constant(value);
  if (!is_float(tensor.dtype())) return add_constant(tensor);
  if (tensor.elements() > kManyElements) return add_numbers(tensor.shape(), tensor.as<double>());
  return add_constant(Tensor::of(DType::kF32, tensor.shape(), tensor.as<double>()));
}

Traced Lowering::traced(ValueId value) const {
  return trace(graph_, value, [&](ValueId each) { return buffers_.contains(each); });
}

Result<BufferId> Lowering::buffer_of(ValueId value) {
  if (const auto found = buffers_.find(value); found != buffers_.end()) return found->second;
  if (graph_.constant(value)) return buffers_[value] = constant_buffer(value);
  const Traced traced = this->traced(value);
  if (traced.nodes.empty()) {
    return fail(ErrorCode::kInternal, "value {} is read before it is made", value);
  }
  if (traced.identity()) {
    const BufferId source = TRY(buffer_of(traced.source));
    return buffers_[value] = source;
  }
  Fusion fusion{traced.nodes, {value}};
  TRY(add_loop("move", std::move(fusion)));
  return buffers_[value];
}

Result<PlacesInBuffer> Lowering::places_of(ValueId value, const MatrixPlaces& elements,
                                           std::vector<NodeId>& nodes) {
  const Traced traced = this->traced(value);
  const BufferId source = TRY(buffer_of(traced.source));
  const auto places = through(elements, traced.places);
  if (places && run_of_view(*places) > 0) {
    nodes.insert(nodes.end(), traced.nodes.begin(), traced.nodes.end());
    return PlacesInBuffer{source, *places};
  }
  const BufferId moved = TRY(buffer_of(value));
  return PlacesInBuffer{moved, elements};
}

Result<MatrixView> Lowering::view_of(ValueId value, const MatrixPlaces& elements,
                                     std::vector<NodeId>& nodes) {
  const PlacesInBuffer found = TRY(places_of(value, elements, nodes));
  return *matrix_view(found.buffer, found.places, add_table());
}

cost::Cost Lowering::cost_of(const Kernel& kernel, const std::vector<NodeId>& nodes) const {
  cost::Cost cost;
  for (NodeId node : nodes) cost.flops += cost::cost_of(graph_, graph_.node(node)).flops;
  const auto bytes = [&](std::vector<BufferId> list) {
    std::ranges::sort(list);
    const auto repeated = std::ranges::unique(list);
    list.erase(repeated.begin(), repeated.end());
    double sum = 0;
    for (BufferId buffer : list) sum += static_cast<double>(plan_.buffers[buffer].type.bytes());
    return sum;
  };
  cost.bytes_read = bytes(reads(kernel));
  cost.bytes_written = bytes(writes(kernel));
  return cost;
}

void Lowering::add_step(const std::string& name, Kernel kernel, std::vector<NodeId> nodes,
                        Fusion fusion) {
  std::ranges::sort(nodes);
  const auto repeated = std::ranges::unique(nodes);
  nodes.erase(repeated.begin(), repeated.end());
  Step step;
  const int number = ++names_[name];
  step.name = number == 1 ? name : fmt::format("{} #{}", name, number);
  step.cost = cost_of(kernel, nodes);
  for (NodeId node : nodes) {
    const auto& origins = graph_.node(node).origins;
    step.origins.insert(step.origins.end(), origins.begin(), origins.end());
  }
  std::ranges::sort(step.origins);
  const auto same = std::ranges::unique(step.origins);
  step.origins.erase(same.begin(), same.end());
  step.kernel = std::move(kernel);
  plan_.steps.push_back(std::move(step));
  fusions_.push_back(std::move(fusion));
}

Result<void> Lowering::add_loop(const std::string& name, Fusion fusion) {
  Result<void> status;
  const auto find_buffer = [&](ValueId value) {
    Result<BufferId> buffer = buffer_of(value);
    if (buffer) return *buffer;
    if (status) status = std::unexpected(std::move(buffer).error());
    return kNoBuffer;
  };
  // What the loop reads gets its buffer before, because code is generated from the type of buffers.
  for (NodeId id : fusion.nodes) {
    for (ValueId input : graph_.node(id).inputs) {
      if (input == kNoValue ||
          std::ranges::find(fusion.nodes, graph_.value(input).producer) != fusion.nodes.end()) {
        continue;
      }
      find_buffer(input);
      TRY(status);
    }
  }
  std::vector<BufferId> results;
  for (ValueId result : fusion.results) results.push_back(add_result(result));
  Loop loop = TRY(make_loop(graph_, fusion, find_buffer, results, plan_.buffers));
  TRY(status);
  const std::string full_name =
      fmt::format("{} {}", name, text(graph_.type(fusion.results[0]).shape));
  std::vector<NodeId> nodes = fusion.nodes;
  add_step(full_name, std::move(loop), std::move(nodes), std::move(fusion));
  return {};
}

void Lowering::add_copy(BufferId from, BufferId to, std::vector<NodeId> nodes) {
  Loop loop;
  loop.elements = plan_.buffers[to].type.elements();
  loop.body = "store(p1, i, load(p0, i));\n";
  loop.reads = {from};
  loop.writes = {to};
  add_step(fmt::format("copy {}", text(plan_.buffers[to].type.shape)), std::move(loop),
           std::move(nodes));
}

Result<void> Lowering::move_outputs() {
  std::map<int64_t, Fusion> by_size;
  for (ValueId value : graph_.outputs()) {
    if (has_buffer(value) || graph_.constant(value)) continue;
    const Traced traced = this->traced(value);
    if (traced.identity()) continue;
    Fusion& fusion = by_size[graph_.type(value).elements()];
    if (std::ranges::find(fusion.results, value) != fusion.results.end()) continue;
    fusion.results.push_back(value);
    fusion.nodes.insert(fusion.nodes.end(), traced.nodes.begin(), traced.nodes.end());
  }
  for (auto& [size, fusion] : by_size) {
    std::ranges::sort(fusion.nodes);
    const auto repeated = std::ranges::unique(fusion.nodes);
    fusion.nodes.erase(repeated.begin(), repeated.end());
    TRY(add_loop("move", std::move(fusion)));
  }
  return {};
}

Result<void> Lowering::finish() {
  TRY(move_outputs());
  for (size_t i = 0; i < plan_.outputs.size(); ++i) {
    const ValueId value = graph_.outputs()[i];
    const BufferId to = plan_.outputs[i].buffer;
    BufferId from = kNoBuffer;
    if (const Tensor* constant = graph_.constant(value)) {
      from = add_constant(*constant);
    } else {
      from = TRY(buffer_of(value));
    }
    if (from != to) add_copy(from, to, {});
  }
  assign_constants(plan_);
  assign_arena(plan_);
  return {};
}

}  // namespace nitro::plan
