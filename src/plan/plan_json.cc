#include "plan/plan_json.h"

#include <cmath>
#include <map>

#include "base/text.h"
#include "plan/kernel_json.h"

namespace nitro::plan {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"input", "output", "constant", "arena"};
constexpr std::array<std::string_view, 2> kPrecisions = {"f32", "f16"};

std::unexpected<Error> wrong(std::string_view member) {
  return fail(ErrorCode::kBadFile, "'{}' in the plan is missing or wrong", member);
}

Result<int64_t> integer(const Json& json, std::string_view key) {
  if (!json.at(key).is_integer()) return wrong(key);
  return json.at(key).as_integer();
}
Result<std::string> string(const Json& json, std::string_view key) {
  if (!json.at(key).is_string()) return wrong(key);
  return json.at(key).as_string();
}
Result<double> amount(const Json& json, std::string_view key) {
  const double value = json.at(key).as_number(-1);
  if (!json.at(key).is_number() || !std::isfinite(value) || value < 0) return wrong(key);
  return value;
}
Result<const Json*> list(const Json& json, std::string_view key) {
  if (!json.at(key).is_array()) return wrong(key);
  return &json.at(key);
}
Result<uint32_t> id(const Json& json, std::string_view what) {
  const int64_t value = json.as_integer(-1);
  if (value < 0 || value >= int64_t{kNoBuffer}) return wrong(what);
  return static_cast<uint32_t>(value);
}
/// The place of a word among `words`, as an enumerator.
template <class Enum, size_t kCount>
Result<Enum> word(const Json& json, std::string_view key,
                  const std::array<std::string_view, kCount>& words) {
  for (size_t i = 0; i < kCount; ++i) {
    if (json.at(key).is_string() && json.at(key).as_string() == words[i])
      return static_cast<Enum>(i);
  }
  return wrong(key);
}

Json buffer_json(const Buffer& buffer) {
  return Json::object({{"kind", kKinds.at(static_cast<size_t>(buffer.kind))},
                       {"dtype", name(buffer.type.dtype)},
                       {"shape", Json::array_of(buffer.type.shape)},
                       {"place", buffer.place}});
}

Result<Buffer> buffer_from_json(const Json& json) {
  Buffer buffer;
  buffer.kind = TRY(word<Buffer::Kind>(json, "kind", kKinds));
  const auto dtype = parse_dtype(TRY(string(json, "dtype")));
  if (!dtype) return wrong("dtype");
  buffer.type.dtype = *dtype;
  const Json* shape = TRY(list(json, "shape"));
  for (const Json& extent : shape->items()) {
    if (!extent.is_integer()) return wrong("shape");
    buffer.type.shape.push_back(extent.as_integer());
  }
  buffer.place = TRY(integer(json, "place"));
  return buffer;
}

Json ports_json(const std::vector<Port>& ports) {
  Json result = Json::array();
  for (const Port& port : ports) {
    result.push_back(Json::object({{"name", port.name}, {"buffer", int64_t{port.buffer}}}));
  }
  return result;
}

Result<std::vector<Port>> ports_from_json(const Json& json, std::string_view key) {
  std::vector<Port> ports;
  const Json* items = TRY(list(json, key));
  for (const Json& item : items->items()) {
    Port port;
    port.name = TRY(string(item, "name"));
    port.buffer = TRY(id(item.at("buffer"), "buffer"));
    ports.push_back(std::move(port));
  }
  return ports;
}

Json step_json(const Step& step) {
  Json origins = Json::array();
  for (OriginId origin : step.origins) origins.push_back(int64_t{origin});
  return Json::object({{"name", step.name},
                       {"kernel", to_json(step.kernel)},
                       {"origins", std::move(origins)},
                       {"flops", step.cost.flops},
                       {"bytes_read", step.cost.bytes_read},
                       {"bytes_written", step.cost.bytes_written}});
}

Result<Step> step_from_json(const Json& json) {
  Step step;
  step.name = TRY(string(json, "name"));
  step.kernel = TRY(in_context(kernel_from_json(json.at("kernel")), display(step.name, 80)));
  const Json* origins = TRY(list(json, "origins"));
  for (const Json& origin : origins->items()) step.origins.push_back(TRY(id(origin, "origins")));
  step.cost.flops = TRY(amount(json, "flops"));
  step.cost.bytes_read = TRY(amount(json, "bytes_read"));
  step.cost.bytes_written = TRY(amount(json, "bytes_written"));
  return step;
}

/// Sources that are the same are written once.
Json kernels_json(const EmbeddedKernels& kernels) {
  std::map<std::string_view, size_t> known;
  Json sources = Json::array(), steps = Json::array();
  for (const EmbeddedKernel& kernel : kernels.steps) {
    const auto [place, fresh] = known.try_emplace(kernel.source, known.size());
    if (fresh) sources.push_back(kernel.source);
    steps.push_back(Json::object({{"name", kernel.name},
                                  {"variant", kernel.variant},
                                  {"grid", Json::array_of(kernel.grid)},
                                  {"threads", kernel.threads},
                                  {"shared_bytes", kernel.shared_bytes},
                                  {"cluster", kernel.cluster},
                                  {"source", place->second}}));
  }
  return Json::object({{"compute_capability", kernels.compute_capability},
                       {"steps", std::move(steps)},
                       {"sources", std::move(sources)}});
}

Result<EmbeddedKernel> kernel_of(const Json& json, const Json& sources) {
  EmbeddedKernel kernel;
  kernel.name = TRY(string(json, "name"));
  kernel.variant = TRY(string(json, "variant"));
  const Json* grid = TRY(list(json, "grid"));
  if (grid->size() != kernel.grid.size()) return wrong("grid");
  for (size_t i = 0; i < kernel.grid.size(); ++i) {
    kernel.grid[i] = grid->items()[i].as_integer();
    if (kernel.grid[i] < 1) return wrong("grid");
  }
  kernel.threads = TRY(integer(json, "threads"));
  kernel.shared_bytes = TRY(integer(json, "shared_bytes"));
  kernel.cluster = TRY(integer(json, "cluster"));
  if (kernel.threads < 1 || kernel.shared_bytes < 0 || kernel.cluster < 1) return wrong("threads");
  const auto source = static_cast<size_t>(TRY(id(json.at("source"), "source")));
  if (source >= sources.size() || !sources.items()[source].is_string()) return wrong("source");
  kernel.source = sources.items()[source].as_string();
  return kernel;
}

Result<EmbeddedKernels> kernels_from_json(const Json& json) {
  EmbeddedKernels kernels;
  const int64_t capability = TRY(integer(json, "compute_capability"));
  if (capability < 10 || capability > 999) return wrong("compute_capability");
  kernels.compute_capability = static_cast<int>(capability);
  const Json* sources = TRY(list(json, "sources"));
  const Json* steps = TRY(list(json, "steps"));
  for (const Json& step : steps->items()) kernels.steps.push_back(TRY(kernel_of(step, *sources)));
  return kernels;
}

}  // namespace

Json to_json(const PlanFile& file) {
  const Plan& plan = file.plan;
  Json buffers = Json::array(), steps = Json::array(), origins = Json::array();
  for (const Buffer& buffer : plan.buffers) buffers.push_back(buffer_json(buffer));
  for (const Step& step : plan.steps) steps.push_back(step_json(step));
  for (const Origin& origin : plan.origins) {
    origins.push_back(Json::object({{"node", origin.node}, {"module", origin.module}}));
  }
  Json json = Json::object({{"name", plan.name},
                            {"precision", kPrecisions.at(static_cast<size_t>(plan.precision))},
                            {"arena_bytes", plan.arena_bytes},
                            {"constant_bytes", plan.constant_bytes},
                            {"inputs", ports_json(plan.inputs)},
                            {"outputs", ports_json(plan.outputs)},
                            {"buffers", std::move(buffers)},
                            {"steps", std::move(steps)},
                            {"origins", std::move(origins)}});
  if (file.kernels) json["kernels"] = kernels_json(*file.kernels);
  return json;
}

Result<PlanFile> plan_from_json(const Json& json) {
  PlanFile file;
  Plan& plan = file.plan;
  plan.name = TRY(string(json, "name"));
  plan.precision = TRY(word<Precision>(json, "precision", kPrecisions));
  plan.arena_bytes = TRY(integer(json, "arena_bytes"));
  plan.constant_bytes = TRY(integer(json, "constant_bytes"));
  plan.inputs = TRY(ports_from_json(json, "inputs"));
  plan.outputs = TRY(ports_from_json(json, "outputs"));
  const Json* buffers = TRY(list(json, "buffers"));
  for (const Json& item : buffers->items()) plan.buffers.push_back(TRY(buffer_from_json(item)));
  const Json* steps = TRY(list(json, "steps"));
  for (const Json& item : steps->items()) plan.steps.push_back(TRY(step_from_json(item)));
  const Json* origins = TRY(list(json, "origins"));
  for (const Json& item : origins->items()) {
    Origin origin;
    origin.node = TRY(string(item, "node"));
    origin.module = TRY(string(item, "module"));
    plan.origins.push_back(std::move(origin));
  }
  if (json.contains("kernels")) file.kernels = TRY(kernels_from_json(json.at("kernels")));
  if (file.kernels && file.kernels->steps.size() > plan.steps.size()) return wrong("kernels");
  return file;
}

}  // namespace nitro::plan
