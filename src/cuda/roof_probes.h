#pragma once

#include <string>
#include <vector>

#include "cuda/program.h"
#include "cuda/roofs.h"

namespace nitro::cuda {

/// A kernel whose time gives one ceiling of a GPU.
struct RoofProbe {
  double GpuRoofs::*roof = nullptr;
  double work = 0;          // of one launch: bytes or FLOPs; 0: its time itself is the ceiling
  int64_t read_bytes = 0;   // of its input; 0: it has none
  int64_t write_bytes = 0;  // of its output
  size_t steps = 1;         // launches that take long enough to be timed
  Program program = {};
};

/// Those of the ceilings that `target` has. Without a size of the second-level cache (0), or with
/// one too small to be measured, its bandwidth has none.
std::vector<RoofProbe> roof_probes(const Target& target, int64_t cache_bytes);

/// The launches of a probe, `steps` times.
plan::Plan probe_plan(const RoofProbe& probe, size_t steps);

}  // namespace nitro::cuda
