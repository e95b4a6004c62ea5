#include "runner/cuda_model.h"

#include "base/text.h"
#include "cuda/device_memory.h"
#include "runner/npy.h"

namespace nitro::runner {

Result<CudaModel> CudaModel::load(plan::Plan plan, const cuda::EngineOptions& options) {
  return CudaModel(TRY(cuda::Engine::load(std::move(plan), options)));
}

Json CudaModel::ports_json(const std::vector<plan::Port>& ports) const {
  Json list = Json::array();
  for (const plan::Port& port : ports) {
    list.push_back(Json::object({{"name", port.name},
                                 {"dtype", name(type(port).dtype)},
                                 {"shape", Json::array_of(type(port).shape)}}));
  }
  return list;
}

Result<std::vector<Tensor>> CudaModel::read_inputs(const Json& inputs) const {
  std::vector<Tensor> tensors;
  for (const plan::Port& port : plan().inputs) {
    if (!inputs.at(port.name).is_string()) {
      return fail(ErrorCode::kShapeMismatch, "the input '{}' is missing", display(port.name));
    }
    tensors.push_back(TRY(read_npy(inputs.at(port.name).as_string())));
    if (tensors.back().type() != type(port)) {
      return fail(ErrorCode::kShapeMismatch, "the input '{}' is {}, not {}", display(port.name),
                  text(type(port)), text(tensors.back().type()));
    }
  }
  return tensors;
}

Result<CudaCall> CudaCall::make(CudaModel& model, const std::shared_ptr<const cuda::Device>& device,
                                const std::vector<Tensor>& inputs) {
  cuda::Engine& engine = model.engine();
  const cuda::CurrentContext current(*device);
  CudaCall call;
  std::vector<cuda::CUdeviceptr> places;
  for (const Tensor& input : inputs) {
    call.inputs_.push_back(
        TRY(cuda::allocate(device, input.type().bytes(), "the inputs of a call")));
    places.push_back(call.inputs_.back().get());
    TRY(cuda::copy_to_device(*device, places.back(), input.bytes(), engine.stream()));
  }
  const std::vector<cuda::CUdeviceptr> own_inputs(inputs.size(), 0);
  const std::vector<cuda::CUdeviceptr> own_outputs(model.plan().outputs.size(), 0);
  TRY(engine.bind(places, own_outputs));
  Result<cuda::Recording> recording = engine.record();
  TRY(engine.bind(own_inputs, own_outputs));
  call.recording_ = TRY(std::move(recording));
  return call;
}

}  // namespace nitro::runner
