#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "runner/fields.h"
#include "runner/protocol.h"

namespace nitro::runner {
namespace {

// A runner may blame the model or the machine; anything else it says is its own failure.
constexpr std::array kCodesOfRunners = {
    ErrorCode::kBadFile,       ErrorCode::kBadModel,         ErrorCode::kBadExternalData,
    ErrorCode::kUnsupportedOp, ErrorCode::kUnsupportedDtype, ErrorCode::kShapeMismatch,
    ErrorCode::kUnknownShape,  ErrorCode::kLimitExceeded,    ErrorCode::kEnvironment,
    ErrorCode::kOutOfMemory,
};

Result<ValueSpec> parse_value(const Json& json) {
  ValueSpec spec;
  spec.name = TRY(text_field(json, "name"));
  spec.dtype_name = TRY(text_field(json, "dtype"));
  spec.dtype = parse_dtype(spec.dtype_name);
  if (!json.contains("shape")) return spec;
  std::vector<std::optional<int64_t>> shape;
  for (const Json& extent : TRY(array_field(json, "shape"))->items()) {
    if (extent.is_integer() && extent.as_integer() < 0) {
      return fail(ErrorCode::kRunnerFailed, "the shape of '{}' has the extent {}",
                  display(spec.name), extent.as_integer());
    }
    shape.push_back(extent.is_integer() ? std::optional(extent.as_integer()) : std::nullopt);
  }
  spec.shape = std::move(shape);
  return spec;
}

Result<std::vector<ValueSpec>> parse_values(const Json& reply, std::string_view key) {
  std::vector<ValueSpec> specs;
  for (const Json& item : TRY(array_field(reply, key))->items()) {
    specs.push_back(TRY(parse_value(item)));
  }
  return specs;
}

Result<Timing> parse_timing(const Json& json) {
  Timing timing;
  timing.samples_ns = TRY(integers_field(json, "samples_ns", 1));
  timing.stamps_ns = TRY(integers_field(json, "stamps_ns", INT64_MIN));
  if (timing.samples_ns.empty()) {
    return fail(ErrorCode::kRunnerFailed, "its reply has no samples");
  }
  if (timing.stamps_ns.size() != timing.samples_ns.size()) {
    return fail(ErrorCode::kRunnerFailed, "its reply has {} samples but {} time stamps",
                timing.samples_ns.size(), timing.stamps_ns.size());
  }
  if (!std::ranges::is_sorted(timing.stamps_ns)) {
    return fail(ErrorCode::kRunnerFailed, "'stamps_ns' in its reply run backwards");
  }
  if (json.contains("power_mw")) timing.power_mw = TRY(amount_field(json, "power_mw"));
  if (json.contains("cold_ns")) timing.cold_ns = TRY(integer_field(json, "cold_ns", 1));
  const Json& warmup = *TRY(object_field(json, "warmup"));
  timing.warmup_frames = TRY(integer_field(warmup, "frames", 0));
  timing.warmup_ns = TRY(integer_field(warmup, "ns", 0));
  timing.warmup_stable = TRY(bool_field(warmup, "stable"));
  return timing;
}

Result<std::vector<std::vector<int64_t>>> parse_shapes(const Json& node) {
  std::vector<std::vector<int64_t>> shapes;
  for (const Json& output : TRY(array_field(node, "output_shapes"))->items()) {
    shapes.push_back(TRY(integers_field(output, "shape", 0)));
  }
  return shapes;
}

/// What only some runners tell.
Result<void> parse_exact(const Json& json, NodeTime& node) {
  if (json.contains("origins")) node.origins = TRY(texts_field(json, "origins"));
  if (json.contains("flops")) node.flops = TRY(amount_field(json, "flops"));
  if (json.contains("bytes")) node.bytes = TRY(amount_field(json, "bytes"));
  if (json.contains("operand_bytes")) node.operand_bytes = TRY(amount_field(json, "operand_bytes"));
  if (json.contains("waves")) node.waves = TRY(amount_field(json, "waves"));
  if (json.contains("again_ns")) node.again_ns = TRY(integers_field(json, "again_ns", 0));
  if (json.contains("alone_ns")) node.alone_ns = TRY(integers_field(json, "alone_ns", 0));
  if (json.contains("kernel_ns")) node.kernel_ns = TRY(integers_field(json, "kernel_ns", 0));
  if (json.contains("gap_ns")) {
    node.gap_ns = TRY(integers_field(json, "gap_ns", std::numeric_limits<int64_t>::min()));
  }
  if (json.contains("counters")) {
    const auto counters = cuda::kernel_counters_from_json(json.at("counters"));
    if (!counters)
      return fail(ErrorCode::kRunnerFailed, "its profile has {}", counters.error().message);
    node.counters = *counters;
  }
  if (json.contains("arithmetic")) {
    const std::string word = TRY(text_field(json, "arithmetic"));
    node.arithmetic = cuda::parse_arithmetic(word);
    if (!node.arithmetic) {
      return fail(ErrorCode::kRunnerFailed, "'arithmetic' is none that there is: '{}'",
                  display(word, 40));
    }
  }
  return {};
}

Result<void> parse_gpu_roofs(const Json& reply, NodeProfile& profile) {
  if (reply.contains("gpu_roofs_error")) {
    profile.gpu_roofs_error = display(TRY(text_field(reply, "gpu_roofs_error")), 500);
  }
  if (!reply.contains("gpu_roofs")) return {};
  const Result<cuda::GpuRoofs> roofs = cuda::gpu_roofs_from_json(reply.at("gpu_roofs"));
  if (!roofs) return fail(ErrorCode::kRunnerFailed, "its profile has {}", roofs.error().message);
  profile.gpu_roofs = *roofs;
  return {};
}

Result<NodeTime> parse_node(const Json& json, size_t iterations) {
  NodeTime node;
  node.name = TRY(text_field(json, "name"));
  node.op_type = TRY(text_field(json, "op_type"));
  node.domain = TRY(text_field(json, "domain"));
  node.index = TRY(integer_field(json, "index", 0));
  node.inputs = TRY(texts_field(json, "inputs"));
  node.outputs = TRY(texts_field(json, "outputs"));
  node.durations_ns = TRY(integers_field(json, "durations_ns", 0));
  node.output_shapes = TRY(parse_shapes(json));
  node.provider = TRY(text_field(json, "provider"));
  TRY(parse_exact(json, node));
  if (node.durations_ns.size() != iterations) {
    return fail(ErrorCode::kRunnerFailed, "node '{}' has {} times for {} iterations",
                display(node.name), node.durations_ns.size(), iterations);
  }
  return node;
}

}  // namespace

bool RunnerInfo::can(std::string_view capability) const {
  return std::ranges::find(capabilities, capability) != capabilities.end();
}

Result<RunnerInfo> parse_hello(const Json& reply) {
  const int64_t protocol = TRY(integer_field(reply, "protocol", 0));
  if (protocol != kProtocol) {
    return fail(ErrorCode::kRunnerFailed, "it speaks protocol {}, this Nitro {}", protocol,
                kProtocol);
  }
  RunnerInfo info;
  info.runner = TRY(text_field(reply, "runner"));
  info.version = TRY(text_field(reply, "version"));
  info.environment = *TRY(object_field(reply, "environment"));
  info.devices = *TRY(array_field(reply, "devices"));
  info.capabilities = TRY(texts_field(reply, "capabilities"));
  return info;
}

Result<LoadedModel> parse_load(const Json& reply) {
  LoadedModel model;
  model.handle = TRY(integer_field(reply, "handle", 1));
  model.inputs = TRY(parse_values(reply, "inputs"));
  model.outputs = TRY(parse_values(reply, "outputs"));
  model.load_ns = TRY(integer_field(reply, "load_ns", 0));
  return model;
}

Result<StagedInputs> parse_run(const Json& reply) {
  StagedInputs outputs;
  for (const auto& [name, path] : TRY(object_field(reply, "outputs"))->members()) {
    if (!path.is_string()) {
      return fail(ErrorCode::kRunnerFailed, "output '{}' in its reply is not a path",
                  display(name));
    }
    outputs[name] = path.as_string();
  }
  return outputs;
}

Result<TimeReply> parse_time(const Json& reply, size_t variants) {
  TimeReply result;
  for (const Json& variant : TRY(array_field(reply, "variants"))->items()) {
    result.variants.push_back(TRY(parse_timing(variant)));
  }
  if (result.variants.size() != variants) {
    return fail(ErrorCode::kRunnerFailed, "it timed {} variants of {}", result.variants.size(),
                variants);
  }
  result.stopped_by = TRY(text_field(reply, "stopped_by"));
  if (reply.contains("idle_power_mw"))
    result.idle_power_mw = TRY(amount_field(reply, "idle_power_mw"));
  return result;
}

Result<NodeProfile> parse_profile(const Json& reply) {
  NodeProfile profile;
  profile.run_ns = TRY(integers_field(reply, "run_ns", 0));
  profile.execute_ns = TRY(integers_field(reply, "execute_ns", 0));
  if (reply.contains("start_ns")) profile.start_ns = TRY(integers_field(reply, "start_ns", 0));
  profile.unseen = TRY(texts_field(reply, "unseen"));
  profile.resolution_ns = TRY(integer_field(reply, "resolution_ns", 1));
  profile.host_launch_times = TRY(bool_field(reply, "host_launch_times"));
  if (reply.contains("averaged_runs"))
    profile.averaged_runs = TRY(integer_field(reply, "averaged_runs", 1));
  TRY(parse_gpu_roofs(reply, profile));
  if (reply.contains("activity_error")) {
    profile.activity_error = display(TRY(text_field(reply, "activity_error")), 500);
  }
  if (reply.contains("counters_error")) {
    profile.counters_error = display(TRY(text_field(reply, "counters_error")), 500);
  }
  const size_t iterations = profile.run_ns.size();
  if (profile.averaged_runs > 0 && iterations != 1)
    return fail(ErrorCode::kRunnerFailed, "its profile of means has {} iterations", iterations);
  if (iterations == 0 || profile.execute_ns.size() != iterations) {
    return fail(ErrorCode::kRunnerFailed, "its profile has {} runs and {} executions", iterations,
                profile.execute_ns.size());
  }
  for (const Json& node : TRY(array_field(reply, "nodes"))->items()) {
    profile.nodes.push_back(TRY(parse_node(node, iterations)));
  }
  return profile;
}

Result<Error> parse_error(const Json& reply) {
  const Json& json = *TRY(object_field(reply, "error"));
  const std::string word = TRY(text_field(json, "code"));
  Error error;
  error.code = ErrorCode::kRunnerFailed;
  for (const ErrorCode code : kCodesOfRunners) {
    if (name(code) == word) error.code = code;
  }
  error.message = display(TRY(text_field(json, "message")), 500);
  error.hint = display(json.at("hint").as_string(), 500);
  return error;
}

}  // namespace nitro::runner
