#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cuda/roofs.h"
#include "measure/quality_note.h"
#include "measure/roof.h"
#include "onnx/import_model.h"
#include "profile/bound.h"
#include "profile/clock_probe.h"
#include "runner/protocol.h"

namespace nitro::profile {

/// One node that the backend executed, per frame. Times in nanoseconds.
struct Layer {
  std::string name;  // the backend's; "<op>_<place in the order of execution>" where it has none
  std::string op;
  std::string module;                 // path in the module tree, "" for the root
  std::vector<std::string> origins;   // names of the model's nodes
  double time_ns = 0;                 // median over the iterations
  std::optional<double> low_ns = {};  // with high_ns its interval; none of few iterations
  std::optional<double> high_ns = {};
  /// Where the runner measured that too: executed again right after itself, and by itself.
  std::optional<double> again_ns = {};
  std::optional<double> alone_ns = {};
  /// Of its kernel as the GPU recorded it, and since the kernel before (below 0: they overlap).
  std::optional<double> kernel_ns = {};
  std::optional<double> gap_ns = {};
  std::optional<double> waves = {};  // blocks of its kernel for each multiprocessor of a GPU
  std::optional<cuda::KernelCounters> counters = {};  // those of the GPU's hardware, of one call
  double flops = 0;
  double bytes = 0;
  Bound bound = Bound::kUnknown;
  std::string evidence;
};

/// A module with everything below it.
struct Module {
  std::string path;
  int64_t parent = -1;  // index of the enclosing module; -1 for the root
  double time_ns = 0;
  double flops = 0;
  double bytes = 0;
};

struct Profile {
  double total_ns = 0;  // end to end, from an uninstrumented run
  double layers_sum_ns = 0;
  std::optional<double> start_ns = {};  // starting and awaiting a frame, where that was measured
  double attributed_share = 0;          // of layers_sum_ns, whose nodes are known in the model
  std::optional<cuda::GpuRoofs> gpu_roofs;  // of the GPU that executed layers
  std::vector<Layer> layers;
  std::optional<ClockProbe> clock_probe = {};  // its layers are these, in this order
  std::vector<Module> modules;
  std::vector<measure::QualityNote> notes;
};

struct Context {
  const onnx::ImportedModel& model;
  const measure::Roofs& roofs;
  int threads = 1;
  std::vector<int64_t> cache_bytes;  // usable at L1, L2, L3 by all threads together
  double total_ns = 0;               // end-to-end median of a frame
  double calls = 1;                  // runs of the model in a frame
};

/// Joins what a runner measured with the model: times, work, bound and module of each layer.
Profile build_profile(const runner::NodeProfile& measured, const Context& context);

/// The `profile` object of docs/result.schema.json.
Json to_json(const Profile& profile);

}  // namespace nitro::profile
