#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace nitro::predict {

/// A network whose latency on a device tells of the device's rates.
struct Benchmark {
  std::string name;     // "pointwise 196x768x3072"
  std::string family;   // of what is held out together
  bool single = false;  // whether it is also measured in FP32
  std::function<Result<Graph>()> make;
};

/// Small networks for a device with 4 GB, each of several layers of one kind in a row, at the sizes
/// that light vision networks have them. All of a frame of several is timed, because every runner
/// can do that, with what is true of frames: the next kernel starts before the last one is quite
/// done. Kinds and sizes are those in which the terms of layer_time() take turns: large products
/// for arithmetic, few rows for waves and for reading weights, long and short inner axes for what a
/// tile costs besides, traffic for bandwidths, tiny layers for launches. Where weights are most of
/// what is read, there are more of them than the caches of boards hold, as in networks. Rates that
/// FP32 does not share with FP16 are few, and so are the benchmarks in it.
std::vector<Benchmark> benchmarks();

/// Whole networks: of each the error is told by rates that were fitted without its family.
std::vector<Benchmark> benchmark_networks();

}  // namespace nitro::predict
