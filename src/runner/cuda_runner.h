#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string_view>

#include "base/json.h"
#include "cuda/roofs_cache.h"
#include "runner/clock_setter.h"
#include "runner/cuda_model.h"
#include "runner/cuda_profile.h"
#include "runner/loaded_models.h"
#include "runner/sampling.h"

namespace nitro::runner {

/// The runner `cuda`: executes models with cuda::Engine on the first device that
/// CUDA_VISIBLE_DEVICES leaves. Threads, graph level and spinning do not apply to it.
class CudaRunner {
 public:
  /// Makes the plan of a model's file. The precision, that of NITRO_CUDA_PRECISION (by default
  /// f16), and the shapes, of inputs with free dimensions, are for files that leave them open.
  using PlanOf =
      std::function<Result<plan::Plan>(const std::filesystem::path& file, plan::Precision precision,
                                       const std::map<std::string, Shape>& shapes)>;
  /// Finds the ceilings of a device, which is that of the options.
  using RoofsOf =
      std::function<Result<cuda::GpuRoofs>(const cuda::Device&, const cuda::EngineOptions&)>;
  /// Tests give a driver of their own, roofs, and records of kernels.
  explicit CudaRunner(PlanOf plan_of, cuda::EngineOptions options = {},
                      RoofsOf roofs_of = cuda::device_roofs, KernelRecorders recorders = {})
      : plan_of_(std::move(plan_of)),
        options_(std::move(options)),
        roofs_of_(std::move(roofs_of)),
        recorders_(std::move(recorders)) {}

  /// The members of the reply to one request.
  Result<Json> answer(std::string_view verb, const Json& request);

 private:
  Result<Json> hello(const Json& request);
  Result<Json> load(const Json& request);
  Result<Json> run(const Json& request);
  Result<Json> time(const Json& request);
  Result<Json> profile(const Json& request);
  Result<Json> clocks(const Json& request);
  /// To the reply to `profile`: the ceilings of the device, or why they are not known.
  void add_roofs(Json& reply) const;

  /// The calls of one variant as a frame; `cold` where one of its models never ran.
  Result<Frame> frame(const Json& variant, bool& cold);

  PlanOf plan_of_;
  cuda::EngineOptions options_;
  RoofsOf roofs_of_;
  KernelRecorders recorders_;
  std::filesystem::path scratch_;
  std::unique_ptr<ClockSetter> clocks_;  // of a board that has any
  plan::Precision precision_ = plan::Precision::kF16;
  std::shared_ptr<const cuda::Device> device_;
  LoadedModels<CudaModel> models_;
  int64_t next_file_ = 1;
};

/// Serves the runner protocol on stdin and stdout; returns the exit code of the process.
int serve_cuda(CudaRunner::PlanOf plan_of);

}  // namespace nitro::runner
