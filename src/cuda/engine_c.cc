#include "cuda/engine_c.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>

#include "base/text.h"
#include "cuda/device_memory.h"
#include "cuda/find_nvrtc.h"
#include "plan/plan_file.h"

struct nitro_engine {
  nitro::cuda::Engine engine;
};

namespace nitro::cuda {
namespace {

template <size_t kSize>
void copy_text(std::string_view text, char (&target)[kSize]) {
  const size_t size = std::min(text.size(), kSize - 1);
  std::memcpy(target, text.data(), size);
  target[size] = '\0';
}

void tell(const Error& failure, nitro_engine_error* error) {
  if (error == nullptr) return;
  copy_text(name(failure.code), error->code);
  copy_text(failure.text(), error->message);
  copy_text(failure.hint, error->hint);
}

/// 1, or 0 and the error told.
int told(const Result<void>& result, nitro_engine_error* error) {
  if (!result) tell(result.error(), error);
  return result ? 1 : 0;
}

/// Exceptions stop here: there is nothing of C++ on the other side.
template <class Body>
auto guarded(nitro_engine_error* error, Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    tell({ErrorCode::kOutOfMemory, "the host has no memory left"}, error);
  } catch (const std::exception& thrown) {
    tell({ErrorCode::kInternal, thrown.what()}, error);
  }
  return {};
}

Result<Engine> load(const char* file, const nitro_engine_options& given) {
  plan::PlanFile plan = TRY(plan::read_plan(file));
  EngineOptions options;
  options.device = given.device;
  if (given.package_folders != nullptr) {
    const auto device = TRY(Device::open(given.device));
    NvrtcWish wish;
    wish.compute_capability = device->target().compute_capability;
    wish.driver_version = device->driver_version();
    for (std::string_view folder : split(given.package_folders, ':'))
      wish.package_folders.emplace_back(folder);
    options.nvrtc = TRY(find_nvrtc(wish));
  }
  return Engine::load(std::move(plan.plan), std::move(options));
}

nitro_engine_port port_of(const plan::Plan& plan, const plan::Port& port) {
  const TensorType& type = plan.buffers[port.buffer].type;
  return {port.name.c_str(), name(type.dtype).data(), type.shape.data(), type.shape.size(),
          static_cast<size_t>(type.bytes())};
}

std::vector<CUdeviceptr> places(const uint64_t* given, size_t count) {
  if (given == nullptr) return std::vector<CUdeviceptr>(count, 0);
  return {given, given + count};
}

Result<void> run_host(Engine& engine, const void* const* inputs, void* const* outputs) {
  const plan::Plan& plan = engine.plan();
  const auto bytes_of = [&](const plan::Port& port) {
    return static_cast<size_t>(plan.buffers[port.buffer].type.bytes());
  };
  for (size_t i = 0; i < plan.inputs.size(); ++i) {
    const auto* source = static_cast<const std::byte*>(inputs[i]);
    TRY(copy_to_device(engine.device(), engine.input_memory(i), {source, bytes_of(plan.inputs[i])},
                       engine.stream()));
  }
  TRY(engine.run());
  for (size_t i = 0; i < plan.outputs.size(); ++i) {
    auto* target = static_cast<std::byte*>(outputs[i]);
    TRY(copy_to_host(engine.device(), {target, bytes_of(plan.outputs[i])}, engine.output_memory(i),
                     engine.stream()));
  }
  return engine.synchronize();
}

}  // namespace

nitro_engine* c_engine(Result<Engine> loaded, nitro_engine_error* error) {
  if (loaded) return new nitro_engine{std::move(*loaded)};
  tell(loaded.error(), error);
  return nullptr;
}

}  // namespace nitro::cuda

using nitro::cuda::guarded;

nitro_engine* nitro_engine_load(const char* plan_file, const nitro_engine_options* options,
                                nitro_engine_error* error) {
  return guarded(error, [&] {
    return nitro::cuda::c_engine(
        nitro::cuda::load(plan_file, options != nullptr ? *options : nitro_engine_options{}),
        error);
  });
}

void nitro_engine_free(nitro_engine* engine) { delete engine; }

size_t nitro_engine_input_count(const nitro_engine* engine) {
  return engine->engine.plan().inputs.size();
}
size_t nitro_engine_output_count(const nitro_engine* engine) {
  return engine->engine.plan().outputs.size();
}
nitro_engine_port nitro_engine_input(const nitro_engine* engine, size_t i) {
  const nitro::plan::Plan& plan = engine->engine.plan();
  return nitro::cuda::port_of(plan, plan.inputs[i]);
}
nitro_engine_port nitro_engine_output(const nitro_engine* engine, size_t i) {
  const nitro::plan::Plan& plan = engine->engine.plan();
  return nitro::cuda::port_of(plan, plan.outputs[i]);
}
uint64_t nitro_engine_input_memory(const nitro_engine* engine, size_t i) {
  return engine->engine.input_memory(i);
}
uint64_t nitro_engine_output_memory(const nitro_engine* engine, size_t i) {
  return engine->engine.output_memory(i);
}
const char* nitro_engine_device_name(const nitro_engine* engine) {
  return engine->engine.device().name().c_str();
}
size_t nitro_engine_step_count(const nitro_engine* engine) {
  return engine->engine.plan().steps.size();
}
size_t nitro_engine_memory_bytes(const nitro_engine* engine) {
  return static_cast<size_t>(engine->engine.memory_bytes());
}

int nitro_engine_bind(nitro_engine* engine, const uint64_t* inputs, const uint64_t* outputs,
                      nitro_engine_error* error) {
  return guarded(error, [&] {
    return nitro::cuda::told(
        engine->engine.bind(nitro::cuda::places(inputs, nitro_engine_input_count(engine)),
                            nitro::cuda::places(outputs, nitro_engine_output_count(engine))),
        error);
  });
}

int nitro_engine_run(nitro_engine* engine, CUstream_st* stream, nitro_engine_error* error) {
  return guarded(error, [&] { return nitro::cuda::told(engine->engine.run(stream), error); });
}

int nitro_engine_run_host(nitro_engine* engine, const void* const* inputs, void* const* outputs,
                          nitro_engine_error* error) {
  return guarded(error, [&] {
    return nitro::cuda::told(nitro::cuda::run_host(engine->engine, inputs, outputs), error);
  });
}
