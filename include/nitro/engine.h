#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nitro/engine_c.h"

namespace nitro {

/// Why a call failed: a word, one sentence, and a remedy or nothing.
struct EngineFailure {
  std::string code;
  std::string message;
  std::string hint;
};

struct EnginePort {
  std::string name;
  std::string dtype;  // f32 f16 bf16 f64 i8 u8 i32 i64 bool
  std::vector<std::int64_t> shape;
  std::size_t bytes = 0;
};

/// A model on an NVIDIA GPU, from a plan that `nitro export --plan` wrote. C++17; link
/// libnitro_engine. Calls that can fail return false or nothing and leave the reason in failure().
/// For one thread at a time.
class PlanEngine {
 public:
  /// Compiles (or takes from the cache) and uploads everything; empty, with `failure` filled, where
  /// that is not possible.
  static std::unique_ptr<PlanEngine> load(const std::string& plan_file, EngineFailure& failure,
                                          int device = 0) {
    nitro_engine_error error;
    const nitro_engine_options options = {device, nullptr};
    nitro_engine* engine = nitro_engine_load(plan_file.c_str(), &options, &error);
    if (engine != nullptr) return std::unique_ptr<PlanEngine>(new PlanEngine(engine));
    failure = {error.code, error.message, error.hint};
    return nullptr;
  }
  PlanEngine(const PlanEngine&) = delete;
  PlanEngine& operator=(const PlanEngine&) = delete;
  ~PlanEngine() { nitro_engine_free(engine_); }

  std::vector<EnginePort> inputs() const {
    return ports(nitro_engine_input_count(engine_), nitro_engine_input);
  }
  std::vector<EnginePort> outputs() const {
    return ports(nitro_engine_output_count(engine_), nitro_engine_output);
  }
  /// Device addresses that are read and written now.
  std::uint64_t input_memory(std::size_t i) const { return nitro_engine_input_memory(engine_, i); }
  std::uint64_t output_memory(std::size_t i) const {
    return nitro_engine_output_memory(engine_, i);
  }
  std::string device_name() const { return nitro_engine_device_name(engine_); }
  std::size_t step_count() const { return nitro_engine_step_count(engine_); }
  std::size_t memory_bytes() const { return nitro_engine_memory_bytes(engine_); }

  /// Lets inputs and outputs be at addresses of the caller's, multiples of 256 (0: in the engine's
  /// own memory), by recording the launches again.
  bool bind(const std::vector<std::uint64_t>& inputs, const std::vector<std::uint64_t>& outputs) {
    if (inputs.size() != nitro_engine_input_count(engine_) ||
        outputs.size() != nitro_engine_output_count(engine_)) {
      failure_ = {"usage", "an address for each input and output is needed", ""};
      return false;
    }
    nitro_engine_error error;
    return kept(nitro_engine_bind(engine_, inputs.data(), outputs.data(), &error), error);
  }
  /// Puts one run into a stream and returns; allocates nothing.
  bool run(CUstream_st* stream) {
    nitro_engine_error error;
    return kept(nitro_engine_run(engine_, stream, &error), error);
  }
  /// From host memory to host memory, an address for each input and output; waits.
  bool run_host(const std::vector<const void*>& inputs, const std::vector<void*>& outputs) {
    nitro_engine_error error;
    return kept(nitro_engine_run_host(engine_, inputs.data(), outputs.data(), &error), error);
  }
  /// Of the last call that failed.
  const EngineFailure& failure() const { return failure_; }

 private:
  explicit PlanEngine(nitro_engine* engine) : engine_(engine) {}

  std::vector<EnginePort> ports(std::size_t count,
                                nitro_engine_port (*port_of)(const nitro_engine*,
                                                             std::size_t)) const {
    std::vector<EnginePort> list;
    for (std::size_t i = 0; i < count; ++i) {
      const nitro_engine_port port = port_of(engine_, i);
      list.push_back({port.name, port.dtype, {port.shape, port.shape + port.rank}, port.bytes});
    }
    return list;
  }
  bool kept(int success, const nitro_engine_error& error) {
    if (success == 0) failure_ = {error.code, error.message, error.hint};
    return success != 0;
  }

  nitro_engine* engine_;
  EngineFailure failure_;
};

}  // namespace nitro
