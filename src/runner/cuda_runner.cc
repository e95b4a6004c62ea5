#include "runner/cuda_runner.h"

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "base/text.h"
#include "cuda/count_kernels.h"
#include "cuda/device_state.h"
#include "cuda/find_nvrtc.h"
#include "runner/board_power.h"
#include "runner/fields.h"
#include "runner/machine_record.h"
#include "runner/npy.h"
#include "runner/python_packages.h"
#include "runner/served_time.h"
#include "runner/server.h"
#include "runner/wanted_precision.h"

namespace nitro::runner {
namespace {

/// The driver's own version, "550.54.15"; null where the system does not tell.
Json driver_release() {
  std::ifstream file("/proc/driver/nvidia/version");
  for (std::string word; file >> word;) {
    if (!word.empty() && word.find_first_not_of("0123456789.") == std::string::npos) return word;
  }
  return {};
}

/// "12.8" of 12080.
std::string cuda_version(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

Result<cuda::Nvrtc> nvrtc_for(const cuda::Device& device) {
  return cuda::find_nvrtc({.compute_capability = device.target().compute_capability,
                           .driver_version = device.driver_version(),
                           .package_folders = python_packages()});
}

KernelRecorders recorders_for(const cuda::Device& device) {
  const auto find = [version = device.driver_version()] {
    return cuda::find_cupti(version, python_packages());
  };
  return {[find](const auto& work) -> Result<std::vector<cuda::KernelActivity>> {
            return TRY(find()).record(work);
          },
          [find, &device](size_t most_kernels,
                          const auto& work) -> Result<std::vector<cuda::KernelCounters>> {
            return cuda::count_kernels(TRY(find()), device, most_kernels, work);
          }};
}

}  // namespace

Result<Json> CudaRunner::answer(std::string_view verb, const Json& request) {
  if (verb == "hello") return hello(request);
  if (!device_) return fail(ErrorCode::kUsage, "hello, with the scratch folder, comes first");
  if (verb == "load") return load(request);
  if (verb == "run") return run(request);
  if (verb == "time") return time(request);
  if (verb == "profile") return profile(request);
  if (verb == "unload") return models_.unload(request);
  if (verb == "clocks" && clocks_) return clocks(request);
  return fail(ErrorCode::kUsage, "unknown verb '{}'", display(verb, 40));
}

Result<Json> CudaRunner::hello(const Json& request) {
  scratch_ = TRY(text_field(request, "scratch"));
  precision_ = TRY(wanted_precision());
  const auto device =
      TRY(options_.driver != nullptr ? cuda::Device::open(options_.device, *options_.driver)
                                     : cuda::Device::open(options_.device));
  if (!options_.nvrtc) options_.nvrtc = TRY(nvrtc_for(*device));
  device_ = device;
  Json environment = machine_record();
  environment["device"] = device->name();
  environment["compute_capability"] = device->target().compute_capability;
  environment["multiprocessors"] = device->target().multiprocessors;
  const cuda::DeviceState state = cuda::read_device_state(*device);
  environment["gpu_memory_bytes"] = state.memory_bytes;
  environment["highest_gpu_mhz"] = state.multiprocessor_max_mhz;
  environment["driver"] = driver_release();
  environment["cuda"] = cuda_version(device->driver_version());
  environment["nvrtc"] = options_.nvrtc->version();
  environment["precision"] = precision_ == plan::Precision::kF16 ? "f16" : "f32";
  Json reply = Json::object();
  reply["runner"] = "cuda";
  reply["version"] = "1";
  reply["protocol"] = kProtocol;
  reply["environment"] = std::move(environment);
  reply["devices"] = Json::array({Json::object({{"provider", "cuda"}, {"name", device->name()}})});
  reply["capabilities"] = Json::array({"run", "time", "profile", "interleave"});
  if (ClockSetter::has_clocks(board_root())) {
    clocks_ = std::make_unique<ClockSetter>(board_root(), scratch_ / kOriginalClocks);
    reply["capabilities"].push_back("clocks");
  }
  return reply;
}

Result<Json> CudaRunner::load(const Json& request) {
  const std::string file = TRY(text_field(request, "model"));
  if (request.contains("provider") && request.at("provider").as_string() != "cuda") {
    return fail(ErrorCode::kEnvironment, "the runner cuda has only the provider cuda");
  }
  const auto shapes = TRY(shapes_field(request));
  const auto begin = std::chrono::steady_clock::now();
  CudaModel loaded = TRY(CudaModel::load(TRY(plan_of_(file, precision_, shapes)), options_));
  const auto load_time = std::chrono::steady_clock::now() - begin;
  const auto [handle, model] = models_.add(std::move(loaded));
  Json reply = Json::object();
  reply["handle"] = handle;
  reply["inputs"] = model->ports_json(model->plan().inputs);
  reply["outputs"] = model->ports_json(model->plan().outputs);
  reply["load_ns"] = int64_t{std::chrono::nanoseconds(load_time).count()};
  return reply;
}

Result<Json> CudaRunner::run(const Json& request) {
  CudaModel& model = *TRY(models_.of(request));
  const std::vector<Tensor> inputs = TRY(model.read_inputs(*TRY(object_field(request, "inputs"))));
  models_.run(request);
  const std::vector<Tensor> tensors = TRY(model.engine().run_on(inputs));
  Json outputs = Json::object();
  for (size_t i = 0; i < tensors.size(); ++i) {
    const std::filesystem::path path = scratch_ / fmt::format("out-{}.npy", next_file_++);
    TRY(write_npy(path, tensors[i], Flush::kLater));
    outputs[model.plan().outputs[i].name] = path.native();
  }
  Json reply = Json::object();
  reply["outputs"] = std::move(outputs);
  return reply;
}

Result<Frame> CudaRunner::frame(const Json& variant, bool& cold) {
  const Json& calls = *TRY(array_field(variant, "calls"));
  if (calls.size() == 0) return fail(ErrorCode::kUsage, "a workload needs a call");
  auto bound = std::make_shared<std::vector<CudaCall>>();
  cuda::CUstream stream = nullptr;
  for (const Json& call : calls.items()) {
    CudaModel& model = *TRY(models_.of(call));
    const std::vector<Tensor> inputs = TRY(model.read_inputs(*TRY(object_field(call, "inputs"))));
    bound->push_back(TRY(CudaCall::make(model, device_, inputs)));
    cold |= models_.run(call);
    if (stream == nullptr) stream = model.engine().stream();
  }
  return [device = device_, bound, stream]() -> Result<void> {
    const cuda::CurrentContext current(*device);
    for (const CudaCall& call : *bound) TRY(call.launch(stream));
    return device->check(device->api().stream_synchronize(stream), "run the model");
  };
}

Result<Json> CudaRunner::time(const Json& request) {
  return answer_time(request,
                     [this](const Json& variant, bool& cold) { return frame(variant, cold); });
}

Result<Json> CudaRunner::profile(const Json& request) {
  const int64_t iterations = TRY(integer_field(request, "iterations", 1));
  CudaModel& model = *TRY(models_.of(request));
  const std::vector<Tensor> inputs = TRY(model.read_inputs(*TRY(object_field(request, "inputs"))));
  models_.run(request);
  for (size_t i = 0; i < inputs.size(); ++i) TRY(model.engine().set_input(i, inputs[i]));
  if (request.contains("times_only") && TRY(bool_field(request, "times_only")))
    return profile_cuda(model, iterations, {});
  Json reply = TRY(
      profile_cuda(model, iterations, recorders_.record ? recorders_ : recorders_for(*device_)));
  add_roofs(reply);
  return reply;
}

void CudaRunner::add_roofs(Json& reply) const {
  // Times without roofs are worth more than no times.
  if (const auto roofs = roofs_of_(*device_, options_)) {
    reply["gpu_roofs"] = to_json(*roofs);
  } else {
    reply["gpu_roofs_error"] = roofs.error().text();
  }
}

Result<Json> CudaRunner::clocks(const Json& request) {
  return clocks_->answer(TRY(parse_clocks_wanted(request)));
}

int serve_cuda(CudaRunner::PlanOf plan_of) {
  CudaRunner runner(std::move(plan_of));
  return serve_runner(runner);
}

}  // namespace nitro::runner
