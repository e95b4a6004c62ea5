#pragma once

#include <cstdint>

#include "base/json.h"
#include "cuda/device.h"
#include "cuda/engine.h"

namespace nitro::cuda {

/// The measured ceilings of a GPU. Copies count the bytes that are read and those that are written;
/// a multiply and an add are two FLOPs.
struct GpuRoofs {
  double copy_bytes_per_s = 0;        // of the device's memory
  int64_t cache_bytes = 0;            // of the second-level cache; 0: the driver does not tell
  double cache_copy_bytes_per_s = 0;  // within that cache; 0 where its size is not known
  double cache_read_bytes_per_s = 0;  // the same where nothing is written
  double fp32_flops = 0;
  double fp16_flops = 0;  // of two halves at once; 0 below compute capability 5.3
  /// Of halves with sums in f32, by mma.sync; 0 below compute capability 8.0. The asynchronous
  /// instructions of 9.0 can exceed it.
  double tensor_flops = 0;
  double int8_flops = 0;         // of four 8-bit integers at once; 0 below compute capability 6.1
  double tensor_int8_flops = 0;  // the same on tensor cores by mma.sync; 0 below 8.0
  /// What one more empty kernel costs inside of a graph, launched as the engine does.
  double launch_ns = 0;
  /// The same of the smallest step that uses the whole GPU: a block on each multiprocessor, whose
  /// threads read and write 16 bytes each. A step cannot take less, however little it computes.
  double step_ns = 0;

  bool operator==(const GpuRoofs&) const = default;
};

/// The members of GpuRoofs, by their names.
Json to_json(const GpuRoofs& roofs);

/// Reads what to_json() writes. Fails with kBadFile where a ceiling that each GPU has is not
/// positive, or another one impossible.
Result<GpuRoofs> gpu_roofs_from_json(const Json& json);

/// Measures all of them on `device`, which is that of `options`, in about a second; the programs
/// come from the cache of `options` or are compiled. `cache_bytes` is the size of the second-level
/// cache, or 0. Errors are those of Engine::load(), and kEnvironment where times contradict each
/// other.
Result<GpuRoofs> measure_gpu_roofs(const Device& device, int64_t cache_bytes,
                                   const EngineOptions& options);

}  // namespace nitro::cuda
