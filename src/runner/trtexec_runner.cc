#include "runner/trtexec_runner.h"

#include <chrono>

#include "base/text.h"
#include "runner/fields.h"
#include "runner/machine_record.h"
#include "runner/npy.h"
#include "runner/served_time.h"
#include "runner/server.h"
#include "runner/trtexec_profiling.h"
#include "runner/trtexec_turns.h"
#include "trace/trtexec_output.h"

namespace nitro::runner {
namespace {

/// The tensor of `port` among what trtexec wrote.
Result<Tensor> output_tensor(const EnginePort& port,
                             const std::vector<trace::TrtexecOutput>& outputs) {
  for (const trace::TrtexecOutput& output : outputs) {
    if (output.name != port.binding) continue;
    if (output.shape != port.type.shape) {
      return fail(ErrorCode::kRunnerFailed, "TensorRT made {} of the output '{}', not {}",
                  text(TensorType{port.type.dtype, output.shape}), display(port.name),
                  text(port.type));
    }
    return Tensor::of(port.type.dtype, output.shape, output.values);
  }
  return fail(ErrorCode::kRunnerFailed, "trtexec wrote no output '{}'", display(port.name));
}

}  // namespace

Result<Json> TrtexecRunner::answer(std::string_view verb, const Json& request) {
  if (verb == "hello") return hello(request);
  if (!program_) return fail(ErrorCode::kUsage, "hello, with the scratch folder, comes first");
  if (verb == "load") return load(request);
  if (verb == "run") return run(request);
  if (verb == "time") return time(request);
  if (verb == "profile") return profile(request);
  if (verb == "unload") return engines_.unload(request);
  return fail(ErrorCode::kUsage, "unknown verb '{}'", display(verb, 40));
}

Result<Json> TrtexecRunner::hello(const Json& request) {
  scratch_ = TRY(text_field(request, "scratch"));
  program_ = TRY(find_trtexec());
  const std::string version = text(program_->version);
  Json environment = machine_record();
  environment["tensorrt"] = version;
  environment["trtexec"] = program_->path.native();
  environment["wait"] = "spin";
  environment["transfers_timed"] = false;
  Json reply = Json::object();
  reply["runner"] = "trtexec";
  reply["version"] = version;
  reply["protocol"] = kProtocol;
  reply["environment"] = std::move(environment);
  reply["devices"] =
      Json::array({Json::object({{"provider", "cuda"}, {"name", "TensorRT " + version}})});
  reply["capabilities"] = Json::array({"run", "time", "profile", "interleave"});
  return reply;
}

Result<Json> TrtexecRunner::load(const Json& request) {
  const auto begin = std::chrono::steady_clock::now();
  TrtexecEngine loaded = TRY(TrtexecEngine::load(*program_, request, scratch_));
  const auto load_time = std::chrono::steady_clock::now() - begin;
  const auto [handle, engine] = engines_.add(std::move(loaded));
  Json reply = Json::object();
  reply["handle"] = handle;
  reply["inputs"] = engine->inputs_json();
  reply["outputs"] = engine->outputs_json();
  reply["load_ns"] = int64_t{std::chrono::nanoseconds(load_time).count()};
  return reply;
}

Result<std::vector<std::string>> TrtexecRunner::flags_of(const Json& call) {
  TrtexecEngine* engine = TRY(engines_.of(call));
  return engine->flags(*TRY(object_field(call, "inputs")));
}

Result<Json> TrtexecRunner::run(const Json& request) {
  std::vector<std::string> flags = TRY(flags_of(request));
  engines_.run(request);
  const std::string file = fmt::format("outputs-{}.json", next_file_++);
  flags.insert(flags.end(),
               {"--exportOutput=" + file, "--iterations=1", "--duration=0", "--warmUp=0"});
  TRY(run_trtexec(*program_, flags, scratch_));
  const auto written = TRY(trace::read_trtexec_output(scratch_ / file));
  std::filesystem::remove(scratch_ / file);
  Json outputs = Json::object();
  const TrtexecEngine* engine = TRY(engines_.of(request));
  for (const EnginePort& port : engine->outputs()) {
    const std::filesystem::path path = scratch_ / fmt::format("out-{}.npy", next_file_++);
    TRY(write_npy(path, TRY(output_tensor(port, written)), Flush::kLater));
    outputs[port.name] = path.native();
  }
  return Json::object({{"outputs", std::move(outputs)}});
}

Result<Json> TrtexecRunner::time(const Json& request) {
  return answer_time(request,
                     [&](const Json& variants, const TimeRules& rules) -> Result<TimeReply> {
                       std::vector<TrtexecVariant> all;
                       for (const Json& variant : variants.items()) {
                         TrtexecVariant& made = all.emplace_back();
                         for (const Json& call : TRY(array_field(variant, "calls"))->items()) {
                           made.calls.push_back(TRY(flags_of(call)));
                           made.cold |= engines_.run(call);
                         }
                       }
                       return sample_in_turns(*program_, scratch_, all, rules);
                     });
}

Result<Json> TrtexecRunner::profile(const Json& request) {
  const int64_t iterations = TRY(integer_field(request, "iterations", 1));
  const std::vector<std::string> flags = TRY(flags_of(request));
  engines_.run(request);
  return profile_by_trtexec(*program_, scratch_, flags, iterations);
}

int serve_trtexec() {
  TrtexecRunner runner;
  return serve_runner(runner);
}

}  // namespace nitro::runner
