#pragma once

#include <memory>
#include <vector>

#include "base/json.h"
#include "cuda/engine.h"

namespace nitro::runner {

/// A model on the device for the runner `cuda`.
class CudaModel {
 public:
  static Result<CudaModel> load(plan::Plan plan, const cuda::EngineOptions& options);

  cuda::Engine& engine() { return engine_; }
  const plan::Plan& plan() const { return engine_.plan(); }
  const TensorType& type(const plan::Port& port) const { return plan().buffers[port.buffer].type; }
  /// What `load` replies of inputs or outputs.
  Json ports_json(const std::vector<plan::Port>& ports) const;

  /// The tensors of a call's `inputs` (name -> path of a .npy file), in the order of the plan.
  Result<std::vector<Tensor>> read_inputs(const Json& inputs) const;

 private:
  explicit CudaModel(cuda::Engine engine) : engine_(std::move(engine)) {}

  cuda::Engine engine_;
};

/// A run on inputs of its own: they are on the device, and launch() puts the run into a stream.
class CudaCall {
 public:
  /// `device` is that of the model's engine.
  static Result<CudaCall> make(CudaModel& model, const std::shared_ptr<const cuda::Device>& device,
                               const std::vector<Tensor>& inputs);
  /// The device's context must be current.
  Result<void> launch(cuda::CUstream stream) const { return recording_.launch(stream); }

 private:
  std::vector<cuda::DeviceMemory> inputs_;
  cuda::Recording recording_;
};

}  // namespace nitro::runner
