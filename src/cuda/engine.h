#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cuda/launch.h"
#include "cuda/recording.h"
#include "cuda/specialise.h"

namespace nitro::cuda {

struct EngineOptions {
  int device = 0;
  const DriverApi* driver = nullptr;  // null: the machine's
  /// Whether a launch may begin while the one before ends, where the device can (compute capability
  /// 9.0, a driver for CUDA 12.3).
  bool programmatic_launch = true;
  /// For tests: fills the arena and the outputs with 0xFF before each run, so that what is not
  /// written shows.
  bool poison = false;
  /// Instead of the one that find_nvrtc() finds.
  std::optional<Nvrtc> nvrtc = {};
  CubinCache cache = CubinCache::standard();
  int compile_threads = 0;  // 0: one for each processor
  /// Tiles that were found to be fast; null: those shipped (shipped_tuning()) and
  /// kept (TuningStore) for the device.
  std::shared_ptr<const Tuning> tuning = {};
  /// What makes the plan special for the device, and a kernel of each step.
  std::function<plan::Plan(plan::Plan, const Target&)> specialise = cuda::specialise;
  std::function<Result<Program>(const plan::Plan&, const plan::Step&, const Target&)> program_for =
      cuda::program_for;
};

/// What loading took, in seconds, and how much.
struct LoadRecord {
  double specialise_seconds = 0;
  double programs_seconds = 0;  // their sources
  double compile_seconds = 0;   // with the cache
  double upload_seconds = 0;    // modules, memory and constants
  double record_seconds = 0;
  size_t binaries = 0;
  size_t binaries_from_cache = 0;
};

/// A plan on a device, ready to run. Not for use by several threads at the same time.
class Engine {
 public:
  /// Takes memory for everything, compiles and uploads, and records the launches. Errors: kUsage
  /// (no such device), kEnvironment (no driver, no NVRTC, an old one), kOutOfMemory,
  /// kUnsupportedOp.
  static Result<Engine> load(plan::Plan plan, EngineOptions options = {});
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  const Device& device() const;
  /// As made special for the device. The contents of constants are on the device only.
  const plan::Plan& plan() const;
  /// As the steps of the plan.
  std::span<const StepKernel> kernels() const;
  const LoadRecord& load_record() const;
  /// Bytes of the device's memory: arena, constants, inputs and outputs.
  int64_t memory_bytes() const;
  /// Whether launches may overlap.
  bool programmatic_launch() const;

  /// The engine's own stream; what has none as argument happens in it.
  CUstream stream() const;
  /// Where input or output i is now.
  CUdeviceptr input_memory(size_t i) const;
  CUdeviceptr output_memory(size_t i) const;
  /// Lets inputs and outputs be elsewhere (0: in the engine's own memory), by recording again.
  /// Addresses must be multiples of plan::kAlignment (kUsage otherwise), and their memory must
  /// outlive the runs. Recordings made by record() before keep the old places.
  Result<void> bind(std::span<const CUdeviceptr> inputs, std::span<const CUdeviceptr> outputs);

  /// Puts one run into a stream and returns: one launch of a graph, nothing is allocated.
  Result<void> run() { return run(stream()); }
  Result<void> run(CUstream stream);
  /// The same without the graph: every launch by itself, none overlapping, each in a range of NVTX
  /// that names its module and step.
  Result<void> run_steps();
  /// Waits for the engine's stream; the error of a run shows here.
  Result<void> synchronize();

  /// Copy and return when done. kShapeMismatch if the type is not that of the input.
  Result<void> set_input(size_t i, const Tensor& tensor);
  Result<Tensor> output(size_t i);
  /// All inputs, a run, all outputs.
  Result<std::vector<Tensor>> run_on(std::span<const Tensor> inputs);

  /// A graph of these steps in this order; none is a graph that does nothing.
  Result<Recording> record(std::span<const size_t> steps) const;
  /// A graph of one run.
  Result<Recording> record() const;
  /// The graph that run() launches.
  const Recording& recording() const;
  /// Runs the recordings of this engine one after the other without waiting for the host in
  /// between; the nanoseconds from the end of the one before to the end of each.
  Result<std::vector<double>> times(std::span<const Recording* const> order);
  /// Nanoseconds of each step in one run outside of graphs, by events between the launches. Each
  /// includes the event, nothing overlaps, and each is in a range as of run_steps().
  Result<std::vector<double>> step_times();

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace nitro::cuda
